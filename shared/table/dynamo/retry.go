package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/code"
)

const (
	reserve  = 2 * time.Second  // no write begins with less left
	forLook  = time.Second      // of it stays to look what became of the last one
	attempt  = 2 * time.Second  // for one answer
	patience = 10 * time.Second // where the context sets no deadline

	firstPause = 20 * time.Millisecond
	maxPause   = 640 * time.Millisecond
)

// once turns the SDK's own retries off.
func once(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// try calls do until its outcome is known: nil, or an error that repeating does
// not change. Throttles, conflicts and lost answers are tried again after a
// random, growing pause, while there is time. If unsure, an attempt without an
// answer may have done it, even where the last one failed.
func try(ctx context.Context, do func(context.Context) error) (unsure bool, err error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(patience)
	}
	last := deadline.Add(-reserve)
	if time.Until(last) <= 0 {
		return false, fmt.Errorf("no time left to write: %w", context.DeadlineExceeded)
	}
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		err = within(ctx, deadline.Add(-forLook), do)
		switch classify(err) {
		case settled:
			return unsure, err
		case unanswered:
			unsure = true
		case refusedForNow:
		}
		wait := rand.N(pause) //nolint:gosec // jitter
		if time.Until(last) <= wait {
			return unsure, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return unsure, err
		}
	}
}

// within calls do with the time for one answer, but not beyond end.
func within(ctx context.Context, end time.Time, do func(context.Context) error) error {
	if t := time.Now().Add(attempt); t.Before(end) {
		end = t
	}
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	return do(ctx)
}

// An outcome of an attempt.
type outcome int

const (
	settled       outcome = iota // done, or it never will be
	refusedForNow                // not done: throttled, or in conflict with another write
	unanswered                   // nobody knows
)

func classify(err error) outcome {
	var (
		refused  refusal
		canceled *types.TransactionCanceledException
		begun    *types.TransactionInProgressException
		answer   interface{ HTTPStatusCode() int }
	)
	switch {
	case err == nil, errors.As(err, &refused):
		return settled
	case errors.As(err, &canceled):
		for _, r := range canceled.CancellationReasons {
			switch aws.ToString(r.Code) {
			case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
				return refusedForNow
			}
		}
		return settled
	case errors.As(err, &begun): // by an attempt with the same token
		return unanswered
	case throttled(err):
		return refusedForNow
	case errors.As(err, &answer) && answer.HTTPStatusCode()/100 == 4:
		return settled
	}
	return unanswered
}

var throttles = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}

// throttled reports whether the service took nothing now.
func throttled(err error) bool {
	if _, conflict := errors.AsType[*types.TransactionConflictException](err); conflict {
		return true
	}
	return throttles.IsErrorThrottle(err) == aws.TrueTernary
}

// failed adds to err what was done, and code.Throttled where that is the reason.
func failed(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case classify(err) == refusedForNow:
		return fmt.Errorf("%s: %w: %w", what, code.Throttled, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
