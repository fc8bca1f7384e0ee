package redact

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
)

// Keys are the attributes whose values may stand in a log, sorted. A new one is
// a line here, after a thought on what its values can hold.
var Keys = []string{
	"action", "advisor", "age_s", "attempt", "authorizer", "bytes", "code", "connection", "connection_id", "conversation", "count",
	"err", "escalation", "event", "failed", "function", "issuer", "kind", "looked", "message_id", "notice", "office", "pid", "reason",
	"request_id", "route", "stage", "status", "topic",
}

// NotAllowed stands for the value of an attribute that is not one of [Keys].
const NotAllowed = "[not allowed]"

// Handler returns a handler that passes to inner only what may stand in a log:
// the values of [Keys], and of them and of messages what [Log] leaves. Numbers,
// truth values, times and durations pass as they are. What has fields, such as
// a struct or a map, becomes the name of its type unless it is an error or says
// itself how it reads: nobody can tell what its fields hold.
//
// The names of groups need not be allowed, the keys within them do. The handler
// may be used concurrently if inner may.
func Handler(inner slog.Handler) slog.Handler { return newHandler(inner, Keys) }

func newHandler(inner slog.Handler, keys []string) slog.Handler {
	allowed := make(map[string]bool, len(keys))
	for _, k := range keys {
		allowed[k] = true
	}
	return &handler{inner, allowed}
}

type handler struct {
	inner   slog.Handler
	allowed map[string]bool // never changes
}

// Enabled implements slog.Handler.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.inner.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, Log(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.attr(a))
		return true
	})
	return h.inner.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &handler{h.inner.WithAttrs(h.attrs(attrs)), h.allowed}
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &handler{h.inner.WithGroup(Log(name)), h.allowed}
}

func (h *handler) attrs(in []slog.Attr) []slog.Attr {
	out := make([]slog.Attr, len(in))
	for i, a := range in {
		out[i] = h.attr(a)
	}
	return out
}

// attr returns a as it may stand in a log. A key can be somebody's data too, if
// the arguments of a call are out of step.
func (h *handler) attr(a slog.Attr) slog.Attr {
	if a.Equal(slog.Attr{}) {
		return a
	}
	v := a.Value.Resolve()
	switch {
	case v.Kind() == slog.KindGroup:
		return slog.Attr{Key: Log(a.Key), Value: slog.GroupValue(h.attrs(v.Group())...)}
	case !h.allowed[a.Key]:
		return slog.String(Log(a.Key), NotAllowed)
	}
	return slog.Attr{Key: a.Key, Value: value(v)}
}

// value returns a resolved value that is no group as it may stand in a log.
func value(v slog.Value) slog.Value {
	switch v.Kind() {
	case slog.KindString:
		return slog.StringValue(Log(v.String()))
	case slog.KindAny:
		if v.Any() == nil {
			return v
		}
		return slog.StringValue(Log(render(v.Any())))
	default:
		return v
	}
}

// render returns how v reads. Package fmt calls Error and String and survives
// what goes wrong in them.
func render(v any) string {
	switch v := v.(type) {
	case error, fmt.Stringer:
		return fmt.Sprint(v)
	case []byte:
		return string(v)
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Slice, reflect.Array:
		var b strings.Builder
		for i := range r.Len() {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(element(r.Index(i)))
		}
		return "[" + b.String() + "]"
	case reflect.Struct, reflect.Map, reflect.Pointer, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Interface:
		return "[" + r.Type().String() + "]"
	default:
		return fmt.Sprint(v)
	}
}

// element returns how one of several values reads.
func element(r reflect.Value) string {
	v := slog.AnyValue(r.Interface()).Resolve()
	if v.Kind() == slog.KindAny && v.Any() != nil {
		return render(v.Any())
	}
	if v.Kind() == slog.KindGroup {
		return NotAllowed
	}
	return v.String()
}
