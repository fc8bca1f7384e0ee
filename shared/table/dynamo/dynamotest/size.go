package dynamotest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// A value is an attribute's value as DynamoDB's JSON has it: {"S": "…"}.
type value map[string]json.RawMessage

// An item is the attributes of one; nil for none.
type item map[string]value

// size returns how large DynamoDB takes an item to be, in bytes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
//
//	string          the bytes of its UTF-8
//	number          about 1 for two significant digits, zeros at both ends not counted, and 1; a sign is 1 more
//	binary          its bytes, without base64
//	null, boolean   1
//	list, map       3, and 1 for each element beside what it holds
//	set             the sum of its elements
//
// Names of attributes, also inside of maps, count with the bytes of their UTF-8.
// AWS says nothing of signs and sets: what is said of them here is what has
// been measured and written about.
func size(it item) (n int, err error) {
	for name, v := range it {
		s, err := sizeOf(v)
		if err != nil {
			return 0, fmt.Errorf("attribute %s: %w", name, err)
		}
		n += len(name) + s
	}
	return n, nil
}

func sizeOf(v value) (int, error) {
	for kind, raw := range v {
		switch kind {
		case "S":
			return each(raw, false, func(s string) (int, error) { return len(s), nil })
		case "SS":
			return each(raw, true, func(s string) (int, error) { return len(s), nil })
		case "N":
			return each(raw, false, number)
		case "NS":
			return each(raw, true, number)
		case "B":
			return each(raw, false, binary)
		case "BS":
			return each(raw, true, binary)
		case "BOOL", "NULL":
			return 1, nil
		case "L":
			return list(raw)
		case "M":
			return object(raw)
		}
		return 0, fmt.Errorf("unknown type %s", kind)
	}
	return 0, fmt.Errorf("no value")
}

// each sums up one string, or several.
func each(raw json.RawMessage, several bool, size func(string) (int, error)) (n int, err error) {
	all := make([]string, 1)
	if several {
		err = json.Unmarshal(raw, &all)
	} else {
		err = json.Unmarshal(raw, &all[0])
	}
	for _, s := range all {
		if err != nil {
			break
		}
		var one int
		one, err = size(s)
		n += one
	}
	return n, err
}

func number(s string) (int, error) {
	digits, sign := strings.CutPrefix(s, "-")
	digits, _, _ = strings.Cut(strings.ToLower(digits), "e")
	whole, fraction, _ := strings.Cut(digits, ".")
	significant := len(strings.Trim(whole+fraction, "0"))
	n := (significant+1)/2 + 1
	if sign {
		n++
	}
	return n, nil
}

func binary(s string) (int, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	return len(b), err
}

func list(raw json.RawMessage) (int, error) {
	var all []value
	if err := json.Unmarshal(raw, &all); err != nil {
		return 0, err
	}
	n := 3
	for _, v := range all {
		s, err := sizeOf(v)
		if err != nil {
			return 0, err
		}
		n += s + 1
	}
	return n, nil
}

func object(raw json.RawMessage) (int, error) {
	var it item
	if err := json.Unmarshal(raw, &it); err != nil {
		return 0, err
	}
	n, err := size(it)
	return 3 + len(it) + n, err
}
