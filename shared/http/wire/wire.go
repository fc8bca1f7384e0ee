// Package wire is JSON as clients send it and get it.
package wire

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"infocig/shared/plain"
)

// Encode writes v, with every instant as [plain.Instant] says.
func Encode(v any) ([]byte, error) { return json.Marshal(v, instants) }

var instants = json.WithMarshalers(json.MarshalFunc(func(t time.Time) ([]byte, error) { return json.Marshal(plain.Instant(t)) }))

// Decode reads one JSON document into the structure that v points to, strictly: names that
// are unknown, repeated or differently cased, wrong types, null, invalid UTF-8 and anything
// behind the document are errors, and so is each name that is not there, unless its field
// is omitzero.
func Decode(raw []byte, v any) error {
	if err := json.Unmarshal(raw, v, json.RejectUnknownMembers(true), noNull); err != nil {
		return err
	}
	var there map[string]jsontext.Value
	if err := json.Unmarshal(raw, &there); err != nil {
		return err
	}
	return complete(reflect.TypeOf(v).Elem(), there)
}

var errNull = errors.New("null is no value")

var noNull = json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, _ any) error {
	if d.PeekKind() == 'n' {
		return errNull
	}
	return json.SkipFunc
}))

func complete(t reflect.Type, there map[string]jsontext.Value) error {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			if err := complete(f.Type, there); err != nil {
				return err
			}
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if _, ok := there[name]; !ok && !strings.Contains(options, "omitzero") {
			return fmt.Errorf("%s is missing", name)
		}
	}
	return nil
}
