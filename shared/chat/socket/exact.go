package socket

import (
	"reflect"

	"infocig/shared/code"
)

// exact returns code.NotFound if a frame has an id that does not have the form of one. The
// store is not asked for such ids.
func exact(frame any) error {
	v := reflect.ValueOf(frame)
	for i := range v.NumField() {
		f := v.Field(i)
		if !f.CanInterface() || f.IsZero() { // the head; an id that is optional
			continue
		}
		if id, ok := f.Interface().(interface{ Valid() bool }); ok && !id.Valid() {
			return code.NotFound
		}
	}
	return nil
}
