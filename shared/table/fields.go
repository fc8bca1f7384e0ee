package table

import (
	"encoding/json"
	"fmt"
	"time"
)

// Fields copies values into an item, or out of it: one list of fields serves both ways.
// Zero values are not stored. The first thing that does not fit its field is in err.
type Fields struct {
	item Item
	out  bool
	err  error
}

// Pack returns the item with what list copies into it.
func Pack(list func(*Fields)) (Item, error) {
	f := Fields{item: make(Item, 0, 16)}
	list(&f)
	return f.item, f.err
}

// Unpack has list copy its values out of it.
func Unpack(it Item, list func(*Fields)) error {
	f := Fields{item: it, out: true}
	list(&f)
	return f.err
}

// Out reports whether values are copied out of an item.
func (f *Fields) Out() bool { return f.out }

// Fail notes what is wrong with a field.
func (f *Fields) Fail(name string, err error) {
	if err != nil && f.err == nil {
		f.err = fmt.Errorf("attribute %s: %w", name, err)
	}
}

// get returns the attribute; it reports false if there is none, or of another kind, which fails.
func (f *Fields) get(name string, kind Kind) (Value, bool) {
	v := f.item.Get(name)
	switch v.kind {
	case None:
		return v, false
	case kind:
		return v, true
	}
	f.Fail(name, fmt.Errorf("is of kind %d", v.kind))
	return v, false
}

func (f *Fields) put(name string, v Value) {
	if f.item == nil {
		f.item = make(Item, 0, 8)
	}
	f.item = append(f.item, Attribute{name, v})
}

// Text copies a string.
func Text[S ~string](f *Fields, name string, p *S) {
	if f.out {
		if v, ok := f.get(name, String); ok {
			*p = S(v.s)
		}
	} else if *p != "" {
		f.put(name, StringOf(*p))
	}
}

// Like copies a string that is often the same as another one of its item: then "=" is stored.
func Like[S ~string](f *Fields, name string, p *S, other string) {
	const same = "="
	if f.out {
		if Text(f, name, p); *p == same {
			*p = S(other)
		}
		return
	}
	v := *p
	if v != "" && string(v) == other {
		v = same
	}
	Text(f, name, &v)
}

// Integer copies a number.
func Integer[N ~int | ~int64](f *Fields, name string, p *N) {
	if f.out {
		if v, ok := f.get(name, Number); ok {
			*p = N(v.Int())
		}
	} else if *p != 0 {
		f.put(name, Int(*p))
	}
}

// Bits copies 64 bits.
func Bits(f *Fields, name string, p *uint64) {
	if f.out {
		if v := f.item.Get(name); v.kind == Number || v.kind == Big {
			*p = v.Uint()
		} else if v.kind != None {
			f.Fail(name, fmt.Errorf("is of kind %d", v.kind))
		}
	} else if *p != 0 {
		f.put(name, Uint(*p))
	}
}

// Binary copies bytes.
func Binary(f *Fields, name string, p *[]byte) {
	if f.out {
		if v, ok := f.get(name, Bytes); ok {
			*p = v.Bytes()
		}
	} else if len(*p) > 0 {
		f.put(name, BytesOf(*p))
	}
}

// Flag copies a bool.
func Flag(f *Fields, name string, p *bool) {
	if f.out {
		if v, ok := f.get(name, Bool); ok {
			*p = v.Bool()
		}
	} else if *p {
		f.put(name, BoolOf(true))
	}
}

// Instant copies a time, to the millisecond.
func Instant(f *Fields, name string, p *time.Time) {
	if f.out {
		var ms int64
		if Integer(f, name, &ms); ms != 0 {
			*p = time.UnixMilli(ms).UTC()
		}
	} else if !p.IsZero() {
		f.put(name, InstantOf(*p))
	}
}

// InstantOf returns a time as Instant stores it: UTC milliseconds.
func InstantOf(t time.Time) Value { return Int(t.UnixMilli()) }

// Members copies a set of strings; what comes out is sorted.
func Members[S ~string](f *Fields, name string, p *[]S) {
	if !f.out {
		if len(*p) > 0 {
			f.put(name, SetOf(*p...))
		}
		return
	}
	if v, ok := f.get(name, Set); ok {
		for _, m := range v.of {
			*p = append(*p, S(m.Name))
		}
	}
}

// Optional copies what a pointer points to; nothing for nil.
func Optional[T any](f *Fields, name string, p **T, list func(*Fields, string, *T)) {
	if f.out {
		if f.item.Get(name).kind != None {
			*p = new(T)
			list(f, name, *p)
		}
	} else if *p != nil {
		list(f, name, *p)
	}
}

// OptionalNested copies the struct that a pointer points to as a map; nothing for nil.
func OptionalNested[T any](f *Fields, name string, p **T, fill func(*Fields, *T)) {
	Optional(f, name, p, func(f *Fields, name string, p *T) { Nested(f, name, p, fill) })
}

// Nested copies a struct as a map; nothing where all its fields are zero.
func Nested[T any](f *Fields, name string, p *T, fill func(*Fields, *T)) {
	if f.out {
		if v, ok := f.get(name, Map); ok {
			f.within(name, v.of, func() { fill(f, p) })
		}
		return
	}
	if it := f.within(name, nil, func() { fill(f, p) }); len(it) > 0 {
		f.put(name, MapOf(it))
	}
}

// within has do copy the fields of an item inside of this one, and returns what that has
// then.
func (f *Fields) within(name string, it Item, do func()) Item {
	outer, err := f.item, f.err
	f.item, f.err = it, nil
	do()
	it, f.item = f.item, outer
	inner := f.err
	if f.err = err; inner != nil {
		f.Fail(name, inner)
	}
	return it
}

// Each copies a list of structs.
func Each[T any](f *Fields, name string, p *[]T, fill func(*Fields, *T)) {
	if f.out {
		v, ok := f.get(name, List)
		if !ok {
			return
		}
		*p = make([]T, len(v.of))
		for i, e := range v.of {
			f.within(name, e.Value.Map(), func() { fill(f, &(*p)[i]) })
		}
		return
	}
	if len(*p) == 0 {
		return
	}
	list := Value{kind: List, of: make([]Attribute, len(*p))}
	for i := range *p {
		list.of[i].Value = MapOf(f.within(name, nil, func() { fill(f, &(*p)[i]) }))
	}
	f.put(name, list)
}

// Document copies a value as JSON.
func Document[T any](f *Fields, name string, p *T) {
	if f.out {
		if v, ok := f.get(name, String); ok {
			f.Fail(name, json.Unmarshal([]byte(v.s), p))
		}
		return
	}
	raw, err := json.Marshal(p)
	f.Fail(name, err)
	f.put(name, StringOf(string(raw)))
}

// Expire marks an item for deletion some time after t. It copies nothing out.
func Expire(f *Fields, t time.Time) {
	if !f.out {
		f.put(Expires, Int(t.Unix()))
	}
}
