package wiring

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"infocig/shared/redact"
)

// Logger returns the log of a function: JSON lines on w, without what is personal, each
// with the id of the invocation that it belongs to.
func Logger(w io.Writer) *slog.Logger {
	return slog.New(traced{redact.Handler(slog.NewJSONHandler(w, nil))})
}

// A traced handler adds the id that AWS Lambda gives an invocation: its own lines have
// it, too, and a line of the access log leads to them by the time.
// https://docs.aws.amazon.com/lambda/latest/dg/golang-context.html
type traced struct{ slog.Handler }

// Handle implements slog.Handler.
func (h traced) Handle(ctx context.Context, r slog.Record) error {
	if c, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("request_id", c.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (h traced) WithGroup(name string) slog.Handler { return traced{h.Handler.WithGroup(name)} }
