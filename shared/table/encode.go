package table

import (
	"encoding/binary"
	"errors"
)

// Append appends an item in a form that Decode reads: for drivers that keep bytes.
func (it Item) Append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(it)))
	for _, a := range it {
		b = appendString(b, a.Name)
		b = a.Value.append(b)
	}
	return b
}

func (v Value) append(b []byte) []byte {
	b = append(b, byte(v.kind))
	switch v.kind {
	case String, Bytes:
		return appendString(b, v.s)
	case Number, Big, Bool:
		return binary.AppendUvarint(b, v.n)
	case Set, List, Map:
		b = binary.AppendUvarint(b, uint64(len(v.of)))
		for _, a := range v.of {
			if v.kind != List {
				b = appendString(b, a.Name)
			}
			if v.kind != Set {
				b = a.Value.append(b)
			}
		}
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errBytes = errors.New("table: these are not the bytes of an item")

// Decode returns the item whose bytes Append made.
func Decode(raw []byte) (Item, error) {
	d := decoder{raw: string(raw)} // one copy, of which all strings are parts
	it := d.attributes(Map)
	if d.failed || d.at != len(d.raw) {
		return nil, errBytes
	}
	return it, nil
}

type decoder struct {
	raw    string
	at     int
	failed bool
}

func (d *decoder) uvarint() uint64 {
	var n uint64
	for shift := 0; shift < 64; shift += 7 {
		if d.at >= len(d.raw) {
			break
		}
		c := d.raw[d.at]
		d.at++
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
	d.failed = true
	return 0
}

// length reads how many bytes or elements follow: no more than bytes are left.
func (d *decoder) length() int {
	n := d.uvarint()
	if n > uint64(len(d.raw)-d.at) { //nolint:gosec // never negative
		d.failed = true
		return 0
	}
	return int(n) //nolint:gosec // as above
}

func (d *decoder) string() string {
	n := d.length()
	d.at += n
	return d.raw[d.at-n : d.at]
}

func (d *decoder) attributes(kind Kind) []Attribute {
	all := make([]Attribute, d.length())
	for i := range all {
		if d.failed {
			return nil
		}
		if kind != List {
			all[i].Name = d.string()
		}
		if kind != Set {
			all[i].Value = d.value()
		}
	}
	return all
}

func (d *decoder) value() (v Value) {
	if d.at >= len(d.raw) {
		d.failed = true
		return v
	}
	v.kind = Kind(d.raw[d.at])
	d.at++
	switch v.kind {
	case String, Bytes:
		v.s = d.string()
	case Number, Big, Bool:
		v.n = d.uvarint()
	case Set, List, Map:
		v.of = d.attributes(v.kind)
	default:
		d.failed = true
	}
	return v
}
