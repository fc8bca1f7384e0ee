package wiring

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// reserve is left of a function's time when its context ends, so that it can
// still answer: AWS Lambda gives no notice before it kills. docs/design.md, "Platform".
const reserve = time.Second

// Handler returns what AWS Lambda calls for a function: handle, with a context
// that ends before the function does.
func Handler(handle any) lambda.Handler { return early{lambda.NewHandler(handle)} }

type early struct{ lambda.Handler }

// Invoke implements lambda.Handler.
func (h early) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if t, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, t.Add(-reserve))
		defer cancel()
	}
	return h.Handler.Invoke(ctx, payload)
}
