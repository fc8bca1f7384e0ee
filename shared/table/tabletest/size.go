package tabletest

import (
	"strconv"
	"strings"

	"infocig/shared/table"
)

// Size returns how large DynamoDB takes an item to be, with its key, in bytes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func Size(k table.Key, it table.Item) int {
	return len("pk") + len(k.Partition) + len("sk") + len(k.Sort) + size(it)
}

func size(it table.Item) (n int) {
	for _, a := range it {
		n += len(a.Name) + sizeOf(a.Value)
	}
	return n
}

func sizeOf(v table.Value) int {
	switch v.Kind() {
	case table.String:
		return len(v.Text())
	case table.Number:
		return digits(strconv.FormatInt(v.Int(), 10))
	case table.Big:
		return digits(strconv.FormatUint(v.Uint(), 10))
	case table.Bytes:
		return len(v.Bytes())
	case table.Set:
		return len(strings.Join(v.Members(), ""))
	case table.List:
		n := 3
		for _, e := range v.Values() {
			n += 1 + sizeOf(e)
		}
		return n
	case table.Map:
		return 3 + len(v.Map()) + size(v.Map())
	case table.Bool, table.None:
	}
	return 1
}

// digits is about 1 for two significant digits, and 1; a sign is 1 more.
func digits(s string) int {
	number, sign := strings.CutPrefix(s, "-")
	n := (len(strings.Trim(number, "0"))+1)/2 + 1
	if sign {
		n++
	}
	return n
}
