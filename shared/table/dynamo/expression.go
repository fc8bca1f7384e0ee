package dynamo

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/table"
)

// An expression is what a request says in DynamoDB's language. #x stands for the attribute
// x, so that none can be a reserved word, and :0, :1 … for values.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
type expression struct {
	names  map[string]string
	values attributes
}

func (e *expression) name(n string) string {
	if e.names == nil {
		e.names = map[string]string{}
	}
	e.names["#"+n] = n
	return "#" + n
}

func (e *expression) value(v types.AttributeValue) string {
	if e.values == nil {
		e.values = attributes{}
	}
	name := ":" + strconv.Itoa(len(e.values))
	e.values[name] = v
	return name
}

var operators = map[table.Op]string{
	table.OpEqual: " = ", table.OpLess: " < ", table.OpLessOrEqual: " <= ", table.OpGreater: " > ", table.OpGreaterOrEqual: " >= ",
}

// condition returns nil for the condition that always holds.
func (e *expression) condition(c table.Condition) *string {
	if c.Op == table.OpAlways {
		return nil
	}
	text := e.holds(c)
	return &text
}

func (e *expression) holds(c table.Condition) string {
	switch c.Op {
	case table.OpAbsent:
		return "attribute_not_exists(" + e.name(PartitionKey) + ")"
	case table.OpPresent:
		return "attribute_exists(" + e.name(PartitionKey) + ")"
	case table.OpHas:
		return "attribute_exists(" + e.name(c.Name) + ")"
	case table.OpLacks:
		return "attribute_not_exists(" + e.name(c.Name) + ")"
	case table.OpFewer:
		return "size(" + e.name(c.Name) + ") < " + e.name(c.Other)
	case table.OpAnd, table.OpOr:
		between := " AND "
		if c.Op == table.OpOr {
			between = " OR "
		}
		parts := make([]string, len(c.Of))
		for i, o := range c.Of {
			parts[i] = e.holds(o)
		}
		return "(" + strings.Join(parts, between) + ")"
	}
	return e.name(c.Name) + operators[c.Op] + e.value(valueOf(c.Value))
}

// update returns what changes an item.
func (e *expression) update(changes []table.Change) *string {
	parts := map[string][]string{}
	for _, c := range changes {
		name := e.name(c.Name)
		switch c.Action {
		case table.DoSet:
			parts["SET"] = append(parts["SET"], name+" = "+e.value(valueOf(c.Value)))
		case table.DoSetIfAbsent:
			parts["SET"] = append(parts["SET"], name+" = if_not_exists("+name+", "+e.value(valueOf(c.Value))+")")
		case table.DoRemove:
			parts["REMOVE"] = append(parts["REMOVE"], name)
		case table.DoAdd, table.DoInclude:
			parts["ADD"] = append(parts["ADD"], name+" "+e.value(valueOf(c.Value)))
		case table.DoExclude:
			parts["DELETE"] = append(parts["DELETE"], name+" "+e.value(valueOf(c.Value)))
		}
	}
	var text []string
	for _, clause := range []string{"SET", "REMOVE", "ADD", "DELETE"} {
		if len(parts[clause]) > 0 {
			text = append(text, clause+" "+strings.Join(parts[clause], ", "))
		}
	}
	all := strings.Join(text, " ")
	return &all
}
