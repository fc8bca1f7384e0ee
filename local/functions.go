package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"infocig/infra/topology"
	"infocig/local/gateway"
	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/app/wiring/look"
	"infocig/shared/aws/sqs"
	"infocig/shared/chat"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/escalation"
	"infocig/shared/chat/httpapi"
	"infocig/shared/chat/socket"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
	"infocig/shared/http/rest"
)

// inprocess runs the handlers of the functions in this process, as the Lambda
// runtime calls them: bytes in, bytes out. Its values are what lambda.Start takes.
type inprocess map[topology.Function]any

var _ gateway.Invoker = inprocess{}

// Invoke implements gateway.Invoker. A panic is a function error, as in Lambda.
func (f inprocess) Invoke(ctx context.Context, function string, payload []byte) (result []byte, err error) {
	handle, ok := f[topology.Function(function)]
	if !ok {
		return nil, fmt.Errorf("there is no function %s", function)
	}
	defer func() {
		if r := recover(); r != nil {
			err = &gateway.FunctionError{Type: "panic", Message: fmt.Sprint(r)}
		}
	}()
	// A handler of its own: one answers into a buffer that its next invocation
	// uses again, since in Lambda there is one at a time.
	result, err = wiring.Handler(handle).Invoke(ctx, payload)
	if err != nil {
		return nil, &gateway.FunctionError{Type: "errorString", Message: err.Error()}
	}
	return result, nil
}

// handlers wires every function to the chat.
func handlers(c *chat.Chat, api *httpapi.API, v env.Values, log *slog.Logger) (inprocess, error) {
	retain, err := wiring.Retain(c.Upkeep, v, io.Discard)
	if err != nil {
		return nil, err
	}
	fromOutside, err := look.New(c.Desk, v, io.Discard)
	if err != nil {
		return nil, err
	}
	return inprocess{
		topology.Authorize:  socket.Authorize{Desk: c.Desk, Origins: wiring.Origins(v), Log: log}.Handle,
		topology.Connect:    socket.Connect{Desk: c.Desk, Log: log}.Handle,
		topology.Disconnect: socket.Disconnect{Desk: c.Desk}.Handle,
		topology.Message:    socket.NewMessage(c, log).Handle,
		topology.Citizen:    rest.Handler(api.Citizen(), log),
		topology.Advisor:    rest.Handler(api.Advisor(), log),
		topology.Operator:   rest.Handler(api.Operator(), log),
		topology.Sweep: func(ctx context.Context, s wiring.Schedule) (upkeep.Swept, error) {
			return c.Upkeep.Watch(ctx, s.Looks, c.Upkeep.Sweep)
		},
		topology.Escalate: sqs.Consumer[conversation.EscalationID]{Kind: escalation.EscalationKind, Forward: c.Escalations.Forward, Log: log}.Handle,
		topology.Webhook:  rest.Handler(api.Webhook(), log),
		topology.Retain:   retain,
		topology.Look:     fromOutside,
	}, nil
}

// connections posts to the sockets of the gateway in this process.
type connections struct{ server *server }

var _ socket.Poster = connections{}

// Post implements socket.Poster.
func (c connections) Post(ctx context.Context, to string, frame []byte) error {
	err := c.server.sockets.Connections().Post(ctx, to, frame)
	switch {
	case errors.Is(err, gateway.Gone):
		return code.NotFound
	case errors.Is(err, gateway.LimitExceeded):
		return code.Throttled
	}
	return err
}

// Close implements socket.Poster.
func (c connections) Close(ctx context.Context, to string) error {
	if err := c.server.sockets.Connections().Delete(ctx, to); !errors.Is(err, gateway.Gone) {
		return err
	}
	return nil
}
