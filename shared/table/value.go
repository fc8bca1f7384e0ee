package table

import (
	"math"
	"slices"
)

// A Kind is what a Value is.
type Kind uint8

// The kinds. There are no empty sets: an attribute with one is not there.
const (
	None   Kind = iota // no such attribute
	String             // UTF-8
	Number             // an integer of 64 bits, with its sign
	Big                // an integer above all Numbers, of 64 bits
	Bool
	Bytes
	Set  // of strings, sorted
	List // of values
	Map  // an Item
)

// An Item is the attributes of one, without its key, each name once. The order says nothing.
type Item []Attribute

// An Attribute is a named value.
type Attribute struct {
	Name  string
	Value Value
}

// A Value is a value of one of the kinds; the zero Value is None. It is never changed.
type Value struct {
	kind Kind
	n    uint64      // of Number, Big and Bool
	s    string      // of String and Bytes
	of   []Attribute // of Map; of List without names; of Set names only
}

// Kind returns what v is.
func (v Value) Kind() Kind { return v.kind }

// StringOf returns a String.
func StringOf[S ~string](s S) Value { return Value{kind: String, s: string(s)} }

// Int returns a Number.
func Int[N ~int | ~int64](n N) Value { return Value{kind: Number, n: uint64(n)} }

// Uint returns a Number, or a Big.
func Uint(n uint64) Value {
	if n > math.MaxInt64 {
		return Value{kind: Big, n: n}
	}
	return Value{kind: Number, n: n}
}

// BoolOf returns a Bool.
func BoolOf(b bool) Value {
	if b {
		return Value{kind: Bool, n: 1}
	}
	return Value{kind: Bool}
}

// BytesOf returns Bytes.
func BytesOf(b []byte) Value { return Value{kind: Bytes, s: string(b)} }

// SetOf returns a Set of members, or None if there are none.
func SetOf[S ~string](members ...S) Value {
	if len(members) == 0 {
		return Value{}
	}
	v := Value{kind: Set, of: make([]Attribute, len(members))}
	for i, m := range members {
		v.of[i].Name = string(m)
	}
	slices.SortFunc(v.of, byName)
	v.of = slices.CompactFunc(v.of, func(a, b Attribute) bool { return a.Name == b.Name })
	return v
}

// ListOf returns a List.
func ListOf(values ...Value) Value {
	v := Value{kind: List, of: make([]Attribute, len(values))}
	for i := range values {
		v.of[i].Value = values[i]
	}
	return v
}

// MapOf returns a Map.
func MapOf(it Item) Value { return Value{kind: Map, of: it} }

// Text returns what a String is, "" of any other kind.
func (v Value) Text() string {
	if v.kind == String {
		return v.s
	}
	return ""
}

// Int returns what a Number is, 0 of any other kind.
func (v Value) Int() int64 {
	if v.kind == Number {
		return int64(v.n) //nolint:gosec // its bits
	}
	return 0
}

// Uint returns what a Number that is not negative or a Big is, 0 of any other.
func (v Value) Uint() uint64 {
	if v.kind == Big || v.Int() > 0 {
		return v.n
	}
	return 0
}

// Bool reports whether v is a Bool that is true.
func (v Value) Bool() bool { return v.kind == Bool && v.n == 1 }

// Bytes returns what Bytes are, nil of any other kind.
func (v Value) Bytes() []byte {
	if v.kind == Bytes {
		return []byte(v.s)
	}
	return nil
}

// Members returns the members of a Set, sorted, none of any other kind.
func (v Value) Members() []string {
	if v.kind != Set {
		return nil
	}
	members := make([]string, len(v.of))
	for i, m := range v.of {
		members[i] = m.Name
	}
	return members
}

// Values returns the values of a List, none of any other kind.
func (v Value) Values() []Value {
	if v.kind != List {
		return nil
	}
	values := make([]Value, len(v.of))
	for i, e := range v.of {
		values[i] = e.Value
	}
	return values
}

// Map returns the Item that a Map is, nil of any other kind.
func (v Value) Map() Item {
	if v.kind == Map {
		return v.of
	}
	return nil
}

// Equal reports whether both are the same value.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind || v.n != w.n || v.s != w.s {
		return false
	}
	if v.kind == Map {
		return Item(v.of).Equal(w.of)
	}
	return slices.EqualFunc(v.of, w.of, func(a, b Attribute) bool { return a.Name == b.Name && a.Value.Equal(b.Value) })
}

// Get returns the value of an attribute, None if there is no such one.
func (it Item) Get(name string) Value {
	for i := range it {
		if it[i].Name == name {
			return it[i].Value
		}
	}
	return Value{}
}

// With returns the item with an attribute set, or removed if v is None. The item stays as it is.
func (it Item) With(name string, v Value) Item {
	i := slices.IndexFunc(it, func(a Attribute) bool { return a.Name == name })
	switch {
	case v.kind == None && i < 0:
		return it
	case v.kind == None:
		return slices.Delete(slices.Clone(it), i, i+1)
	case i < 0:
		return append(slices.Clip(it), Attribute{name, v})
	}
	it = slices.Clone(it)
	it[i].Value = v
	return it
}

// Equal reports whether both have the same attributes, in whatever order.
func (it Item) Equal(other Item) bool {
	if len(it) != len(other) {
		return false
	}
	for _, a := range it {
		if b := other.Get(a.Name); b.kind == None || !a.Value.Equal(b) {
			return false
		}
	}
	return true
}

func byName(a, b Attribute) int {
	switch {
	case a.Name < b.Name:
		return -1
	case a.Name > b.Name:
		return 1
	}
	return 0
}
