package dynamo

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/table"
)

// attributes is an item as DynamoDB has it, with its key.
type attributes = map[string]types.AttributeValue

func keyOf(k table.Key) attributes {
	return attributes{
		PartitionKey: &types.AttributeValueMemberS{Value: k.Partition},
		SortKey:      &types.AttributeValueMemberS{Value: k.Sort},
	}
}

func sortOf(a attributes) string {
	if s, ok := a[SortKey].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// put returns an item with its key.
func put(k table.Key, it table.Item) attributes {
	a := keyOf(k)
	for _, f := range it {
		a[f.Name] = valueOf(f.Value)
	}
	return a
}

func valueOf(v table.Value) types.AttributeValue {
	switch v.Kind() {
	case table.String:
		return &types.AttributeValueMemberS{Value: v.Text()}
	case table.Number:
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(v.Int(), 10)}
	case table.Big:
		return &types.AttributeValueMemberN{Value: strconv.FormatUint(v.Uint(), 10)}
	case table.Bool:
		return &types.AttributeValueMemberBOOL{Value: v.Bool()}
	case table.Bytes:
		return &types.AttributeValueMemberB{Value: v.Bytes()}
	case table.Set:
		return &types.AttributeValueMemberSS{Value: v.Members()}
	case table.List:
		list := &types.AttributeValueMemberL{}
		for _, e := range v.Values() {
			list.Value = append(list.Value, valueOf(e))
		}
		return list
	case table.Map:
		m := &types.AttributeValueMemberM{Value: attributes{}}
		for _, f := range v.Map() {
			m.Value[f.Name] = valueOf(f.Value)
		}
		return m
	case table.None:
	}
	return &types.AttributeValueMemberNULL{Value: true}
}

// itemOf returns an item without its key.
func itemOf(a attributes) (table.Item, error) {
	if a == nil {
		return nil, nil
	}
	it := make(table.Item, 0, len(a))
	for name, value := range a {
		if name == PartitionKey || name == SortKey {
			continue
		}
		v, err := read(value)
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		it = append(it, table.Attribute{Name: name, Value: v})
	}
	return it, nil
}

func read(a types.AttributeValue) (v table.Value, err error) {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		return table.StringOf(a.Value), nil
	case *types.AttributeValueMemberN:
		if n, err := strconv.ParseInt(a.Value, 10, 64); err == nil {
			return table.Int(n), nil
		}
		n, err := strconv.ParseUint(a.Value, 10, 64)
		return table.Uint(n), err
	case *types.AttributeValueMemberBOOL:
		return table.BoolOf(a.Value), nil
	case *types.AttributeValueMemberB:
		return table.BytesOf(a.Value), nil
	case *types.AttributeValueMemberSS:
		return table.SetOf(a.Value...), nil
	case *types.AttributeValueMemberL:
		values := make([]table.Value, len(a.Value))
		for i := range values {
			if values[i], err = read(a.Value[i]); err != nil {
				return v, err
			}
		}
		return table.ListOf(values...), nil
	case *types.AttributeValueMemberM:
		it := make(table.Item, 0, len(a.Value))
		for name, value := range a.Value {
			v, err := read(value)
			if err != nil {
				return v, fmt.Errorf("%s: %w", name, err)
			}
			it = append(it, table.Attribute{Name: name, Value: v})
		}
		return table.MapOf(it), nil
	}
	return v, fmt.Errorf("is %T", a)
}
