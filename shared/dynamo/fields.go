package dynamo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An item is the attributes of one.
type item map[string]types.AttributeValue

// fields copies values into an item, or out of it: one list of fields serves
// both ways. Zero values are not stored. The first thing that does not fit its
// field is in err.
type fields struct {
	item item
	out  bool
	err  error
}

// pack returns the item under k with what list copies into it.
func pack(k key, list func(*fields)) (item, error) {
	f := fields{item: k.item()}
	list(&f)
	return f.item, f.err
}

// unpack has list copy its values out of it.
func unpack(it item, list func(*fields)) error {
	f := fields{item: it, out: true}
	list(&f)
	return f.err
}

// get returns the attribute as T; it reports false if there is none.
func get[T types.AttributeValue](f *fields, name string) (v T, ok bool) {
	a, found := f.item[name]
	if !found {
		return v, false
	}
	if v, ok = a.(T); !ok {
		f.fail(name, fmt.Errorf("is %T", a))
	}
	return v, ok
}

func (f *fields) fail(name string, err error) {
	if err != nil && f.err == nil {
		f.err = fmt.Errorf("attribute %s: %w", name, err)
	}
}

func text[S ~string](f *fields, name string, p *S) {
	if f.out {
		if a, ok := get[*types.AttributeValueMemberS](f, name); ok {
			*p = S(a.Value)
		}
	} else if *p != "" {
		f.item[name] = &types.AttributeValueMemberS{Value: string(*p)}
	}
}

// like copies a string that is often the same as another of its item.
func like[S ~string](f *fields, name string, p *S, other string) {
	const same = "="
	if f.out {
		if text(f, name, p); *p == same {
			*p = S(other)
		}
		return
	}
	v := *p
	if v != "" && string(v) == other {
		v = same
	}
	text(f, name, &v)
}

func number[N ~int | ~int64](f *fields, name string, p *N) {
	if f.out {
		if a, ok := get[*types.AttributeValueMemberN](f, name); ok {
			n, err := strconv.ParseInt(a.Value, 10, 64)
			f.fail(name, err)
			*p = N(n)
		}
	} else if *p != 0 {
		f.item[name] = numberOf(int64(*p))
	}
}

// digest copies 64 bits.
func digest(f *fields, name string, p *uint64) {
	if f.out {
		if a, ok := get[*types.AttributeValueMemberN](f, name); ok {
			var err error
			*p, err = strconv.ParseUint(a.Value, 10, 64)
			f.fail(name, err)
		}
	} else if *p != 0 {
		f.item[name] = &types.AttributeValueMemberN{Value: strconv.FormatUint(*p, 10)}
	}
}

func binary(f *fields, name string, p *[]byte) {
	if f.out {
		if a, ok := get[*types.AttributeValueMemberB](f, name); ok {
			*p = a.Value
		}
	} else if len(*p) > 0 {
		f.item[name] = &types.AttributeValueMemberB{Value: *p}
	}
}

func flag(f *fields, name string, p *bool) {
	if f.out {
		if a, ok := get[*types.AttributeValueMemberBOOL](f, name); ok {
			*p = a.Value
		}
	} else if *p {
		f.item[name] = &types.AttributeValueMemberBOOL{Value: true}
	}
}

// instant copies a time, to the millisecond.
func instant(f *fields, name string, p *time.Time) {
	if f.out {
		var ms int64
		if number(f, name, &ms); ms != 0 {
			*p = time.UnixMilli(ms).UTC()
		}
	} else if !p.IsZero() {
		f.item[name] = instantOf(*p)
	}
}

// optional copies what a pointer points to; nothing for nil.
func optional[T any](f *fields, name string, p **T, list func(*fields, string, *T)) {
	if f.out {
		if _, ok := f.item[name]; ok {
			*p = new(T)
			list(f, name, *p)
		}
	} else if *p != nil {
		list(f, name, *p)
	}
}

// nested returns what copies a struct as a map.
func nested[T any](fill func(*fields, *T)) func(*fields, string, *T) {
	return func(f *fields, name string, p *T) {
		inner := fields{item: item{}, out: f.out}
		if f.out {
			a, ok := get[*types.AttributeValueMemberM](f, name)
			if !ok {
				return
			}
			inner.item = a.Value
		}
		fill(&inner, p)
		f.fail(name, inner.err)
		if !f.out && len(inner.item) > 0 {
			f.item[name] = &types.AttributeValueMemberM{Value: inner.item}
		}
	}
}

// each copies a list of structs.
func each[T any](f *fields, name string, p *[]T, fill func(*fields, *T)) {
	if f.out {
		a, ok := get[*types.AttributeValueMemberL](f, name)
		if !ok {
			return
		}
		*p = make([]T, len(a.Value))
		for i, v := range a.Value {
			inner := fields{item: item{name: v}, out: true}
			nested(fill)(&inner, name, &(*p)[i])
			f.fail(name, inner.err)
		}
		return
	}
	var list []types.AttributeValue
	for i := range *p {
		inner := fields{item: item{}}
		fill(&inner, &(*p)[i])
		f.fail(name, inner.err)
		list = append(list, &types.AttributeValueMemberM{Value: inner.item})
	}
	if list != nil {
		f.item[name] = &types.AttributeValueMemberL{Value: list}
	}
}

// document copies a value as JSON.
func document[T any](f *fields, name string, p *T) {
	if f.out {
		if a, ok := get[*types.AttributeValueMemberS](f, name); ok {
			f.fail(name, json.Unmarshal([]byte(a.Value), p))
		}
		return
	}
	raw, err := json.Marshal(p)
	f.fail(name, err)
	f.item[name] = &types.AttributeValueMemberS{Value: string(raw)}
}

// set copies a set of strings; what comes out is sorted.
func set[S ~string](f *fields, name string, p *[]S) {
	a, ok := get[*types.AttributeValueMemberSS](f, name)
	if !ok {
		return
	}
	for _, v := range a.Value {
		*p = append(*p, S(v))
	}
	slices.Sort(*p)
}

func textOf[S ~string](v S) types.AttributeValue {
	return &types.AttributeValueMemberS{Value: string(v)}
}

func numberOf(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func instantOf(t time.Time) types.AttributeValue { return numberOf(t.UnixMilli()) }

func setOf[S ~string](v S) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: []string{string(v)}}
}
