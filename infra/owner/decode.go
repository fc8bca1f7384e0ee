package owner

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// decode reads values from JSON. What does not fit is returned, a line each, and all else is read: a
// value of a wrong type hides no other. An error is of what is no JSON at all.
func decode(raw []byte, v *Values) (wrong checks, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	var first json.RawMessage
	if err := d.Decode(&first); err != nil {
		return nil, where(raw, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		wrong = append(wrong, "behind the closing brace: there is more; want nothing")
	}
	wrong.fit("", first, reflect.ValueOf(v).Elem())
	return wrong, nil
}

// where says in which line the JSON ends to be any.
func where(raw []byte, err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty")
	}
	at := len(raw)
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = min(at, int(s.Offset))
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(raw[:at], []byte("\n")), err)
}

// fit reads raw into v, where it fits.
func (c *checks) fit(name string, raw json.RawMessage, v reflect.Value) {
	switch {
	case string(raw) == "null": // as if it were not there
	case v.Kind() == reflect.Struct:
		c.object(name, raw, v)
	case v.Kind() == reflect.Slice:
		var all []json.RawMessage
		if json.Unmarshal(raw, &all) != nil {
			c.wrong(orAll(name), abridged(raw), "a list, as [ … ]")
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(all), len(all)))
		for i, one := range all {
			c.fit(fmt.Sprintf("%s[%d]", name, i), one, v.Index(i))
		}
	case json.Unmarshal(raw, v.Addr().Interface()) != nil:
		want := map[reflect.Kind]string{reflect.String: "a text, in quotes", reflect.Int: "a whole number, without quotes", reflect.Bool: "true or false"}[v.Kind()]
		c.wrong(name, abridged(raw), want)
	}
}

// object reads an object's members by the names in the tags of a struct.
func (c *checks) object(name string, raw json.RawMessage, v reflect.Value) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		c.wrong(orAll(name), abridged(raw), "an object, as { … }")
		return
	}
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		fields[v.Type().Field(i).Tag.Get("json")] = v.Field(i)
	}
	var seen []string
	for d.More() {
		key, _ := d.Token() // what was decoded before is JSON
		var member json.RawMessage
		_ = d.Decode(&member)
		own := fmt.Sprint(key)
		full := strings.TrimPrefix(name+"."+own, ".")
		field, known := fields[own]
		switch {
		case slices.Contains(seen, own):
			c.wrong(full, "it is there twice", "it once")
		case !known:
			c.wrong(full, "there is no such value", "one of those in infra/owner/owner.go")
		default:
			c.fit(full, member, field)
		}
		seen = append(seen, own)
	}
}

func orAll(name string) string {
	if name == "" {
		return "all of it"
	}
	return name
}

// abridged is the beginning of what is there instead.
func abridged(raw json.RawMessage) string {
	const most = 40
	if s := []rune(string(raw)); len(s) > most {
		return string(s[:most]) + "…"
	}
	return string(raw)
}
