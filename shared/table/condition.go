package table

// A Condition says when a write can be made. The set is closed: what the functions of this
// file return. A comparison with an attribute that is not there, or is of another kind, does not
// hold.
type Condition struct {
	Op    Op
	Name  string // of an attribute
	Other string // of another one
	Value Value
	Of    []Condition
}

// An Op is what a Condition compares.
type Op uint8

// The operations.
const (
	OpAlways  Op = iota // the zero Condition holds always
	OpAbsent            // there is no item
	OpPresent           // there is one
	OpHas               // it has the attribute
	OpLacks             // it does not have it
	OpEqual
	OpLess
	OpLessOrEqual
	OpGreater
	OpGreaterOrEqual
	OpFewer // the set has fewer members than the number Other
	OpAnd
	OpOr
)

// Absent holds where there is no item.
func Absent() Condition { return Condition{Op: OpAbsent} }

// Present holds where there is one.
func Present() Condition { return Condition{Op: OpPresent} }

// Has holds where the item has the attribute.
func Has(name string) Condition { return Condition{Op: OpHas, Name: name} }

// Lacks holds where it does not have it, and where there is no item.
func Lacks(name string) Condition { return Condition{Op: OpLacks, Name: name} }

// Equal holds where the attribute has that value.
func Equal(name string, v Value) Condition { return Condition{Op: OpEqual, Name: name, Value: v} }

// Less holds where the attribute is a Number below v, which is one.
func Less(name string, v Value) Condition { return Condition{Op: OpLess, Name: name, Value: v} }

// LessOrEqual holds where the attribute is a Number and not above v.
func LessOrEqual(name string, v Value) Condition {
	return Condition{Op: OpLessOrEqual, Name: name, Value: v}
}

// Greater holds where the attribute is a Number above v.
func Greater(name string, v Value) Condition { return Condition{Op: OpGreater, Name: name, Value: v} }

// GreaterOrEqual holds where the attribute is a Number and not below v.
func GreaterOrEqual(name string, v Value) Condition {
	return Condition{Op: OpGreaterOrEqual, Name: name, Value: v}
}

// Fewer holds where the attribute is a Set with fewer members than the Number in another one.
func Fewer(set, number string) Condition { return Condition{Op: OpFewer, Name: set, Other: number} }

// And holds where all hold.
func And(all ...Condition) Condition { return Condition{Op: OpAnd, Of: all} }

// Or holds where one holds.
func Or(some ...Condition) Condition { return Condition{Op: OpOr, Of: some} }

// Holds reports whether c holds for an item; there says whether there is one.
func (c Condition) Holds(it Item, there bool) bool {
	switch c.Op {
	case OpAlways:
		return true
	case OpAbsent:
		return !there
	case OpPresent:
		return there
	case OpHas:
		return it.Get(c.Name).kind != None
	case OpLacks:
		return it.Get(c.Name).kind == None
	case OpEqual:
		return it.Get(c.Name).Equal(c.Value)
	case OpFewer:
		set, number := it.Get(c.Name), it.Get(c.Other)
		return set.kind == Set && number.kind == Number && int64(len(set.of)) < number.Int()
	case OpAnd:
		for _, o := range c.Of {
			if !o.Holds(it, there) {
				return false
			}
		}
		return true
	case OpOr:
		for _, o := range c.Of {
			if o.Holds(it, there) {
				return true
			}
		}
		return false
	}
	v := it.Get(c.Name)
	if v.kind != Number {
		return false
	}
	a, b := v.Int(), c.Value.Int()
	switch c.Op {
	case OpLess:
		return a < b
	case OpLessOrEqual:
		return a <= b
	case OpGreater:
		return a > b
	default:
		return a >= b
	}
}
