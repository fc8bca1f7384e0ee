// Package wire is JSON as clients send it and get it.
package wire

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"infocig/shared/plain"
)

// Encode writes v, with every instant as [plain.Instant] says.
func Encode(v any) ([]byte, error) { return json.Marshal(v, instants) }

var instants = json.WithMarshalers(json.MarshalToFunc(func(e *jsontext.Encoder, t time.Time) error {
	return e.WriteToken(jsontext.String(plain.Instant(t)))
}))

// Decode reads one JSON document into the structure that v points to, strictly: names that
// are unknown, repeated or differently cased, wrong types, null, invalid UTF-8 and anything
// behind the document are errors, and so is each name that is not there, unless its field
// is omitzero.
func Decode(raw []byte, v any) error {
	var err error
	if bytes.Contains(raw, null) { // perhaps in a text
		err = json.Unmarshal(raw, v, strict, noNull)
	} else {
		err = json.Unmarshal(raw, v, strict)
	}
	if err != nil {
		return err
	}
	value := reflect.ValueOf(v).Elem()
	for _, f := range requiredOf(value.Type()) {
		if value.FieldByIndex(f.index).IsZero() { // it says so, or it is not there
			return complete(requiredOf(value.Type()), raw)
		}
	}
	return nil
}

var (
	null    = []byte("null")
	errNull = errors.New("null is no value")
	strict  = json.RejectUnknownMembers(true)
	noNull  = json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, _ any) error {
		if d.PeekKind() == 'n' {
			return errNull
		}
		return json.SkipFunc
	}))
)

// complete returns an error for the first field whose name is not in the document.
func complete(fields []required, raw []byte) error {
	var there map[string]jsontext.Value
	if err := json.Unmarshal(raw, &there); err != nil {
		return err
	}
	for _, f := range fields {
		if _, ok := there[f.name]; !ok {
			return fmt.Errorf("%s is missing", f.name)
		}
	}
	return nil
}

// A required field is one whose name must be there.
type required struct {
	name  string
	index []int
}

var known sync.Map // of lists of required fields, by type

func requiredOf(t reflect.Type) []required {
	if all, ok := known.Load(t); ok {
		return all.([]required)
	}
	var all []required
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.Anonymous && !strings.Contains(options, "omitzero") {
			all = append(all, required{name, f.Index})
		}
	}
	known.Store(t, all)
	return all
}
