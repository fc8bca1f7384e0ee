// Package push posts to the connections of a WebSocket API: the @connections of
// API Gateway.
package push

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"

	"infocig/shared/code"
)

// A Poster posts frames.
type Poster struct {
	client *apigatewaymanagementapi.Client
}

const (
	attempts = 3 // the first and two retries; docs/design.md, "Platform"
	maxPause = 300 * time.Millisecond
)

// New returns a poster to the connections of the API at endpoint, which is
// https://<api>.execute-api.<region>.amazonaws.com/<stage>.
func New(cfg aws.Config, endpoint string) *Poster {
	return &Poster{apigatewaymanagementapi.NewFromConfig(cfg, func(o *apigatewaymanagementapi.Options) {
		o.BaseEndpoint = &endpoint
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff = attempts, maxPause // with jitter
		})
	})}
}

// Post hands frame to the connection. It returns code.NotFound if there is none
// (410), and code.Throttled if it takes nothing now (429), after two more
// attempts where the context leaves time for them. After any other error the
// frame may have been sent.
func (p *Poster) Post(ctx context.Context, to string, frame []byte) error {
	_, err := p.client.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: aws.String(to), Data: frame})
	return meaning("post", err)
}

// Close closes a connection, if there is one.
func (p *Poster) Close(ctx context.Context, to string) error {
	_, err := p.client.DeleteConnection(ctx, &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: aws.String(to)})
	if err := meaning("close", err); !errors.Is(err, code.NotFound) {
		return err
	}
	return nil
}

// meaning turns an error of the API into one of ours.
func meaning(what string, err error) error {
	if err == nil {
		return nil
	}
	if _, gone := errors.AsType[*types.GoneException](err); gone {
		return code.NotFound
	}
	if _, limit := errors.AsType[*types.LimitExceededException](err); limit {
		return code.Throttled
	}
	return fmt.Errorf("%s: %w", what, err)
}
