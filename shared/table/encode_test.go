package table_test

import (
	"testing"

	"infocig/shared/table"
)

var items = []table.Item{
	nil,
	{{Name: "", Value: table.StringOf("")}},
	{
		{Name: "text", Value: table.StringOf("perché")}, {Name: "n", Value: table.Int(-1 << 63)}, {Name: "big", Value: table.Uint(1<<64 - 1)},
		{Name: "yes", Value: table.BoolOf(true)}, {Name: "bytes", Value: table.BytesOf([]byte{0, 1})}, {Name: "set", Value: table.SetOf("b", "a")},
		{Name: "list", Value: table.ListOf(table.Int(1), table.ListOf(), table.MapOf(table.Item{{Name: "x", Value: table.Int(2)}}))},
	},
}

func TestWhatIsAppendedIsDecoded(t *testing.T) {
	for _, it := range items {
		raw := it.Append(nil)
		got, err := table.Decode(raw)
		if err != nil || !it.Equal(got) {
			t.Errorf("got %v, %v, want %v", got, err, it)
		}
		for n := range raw {
			if got, err := table.Decode(raw[:n]); err == nil {
				t.Errorf("%d of %d bytes are %v", n, len(raw), got)
			}
		}
		if _, err := table.Decode(append(raw, 0)); err == nil {
			t.Error("a byte too many is accepted")
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, it := range items {
		f.Add(it.Append(nil))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		it, err := table.Decode(raw)
		if err != nil {
			return
		}
		again, err := table.Decode(it.Append(nil))
		if err != nil || len(again) != len(it) {
			t.Errorf("%v becomes %v, %v", it, again, err)
		}
	})
}
