package socket

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"infocig/shared/chat/desk"
	"infocig/shared/code"
)

// An Authorize is the REQUEST authorizer of $connect: it redeems the one-time ticket and hands
// the identity on. An attempt uses the ticket up, even if the connection is denied.
type Authorize struct {
	Desk    *desk.Desk
	Origins []string // the exact origins that browsers may come from
	Log     *slog.Logger
}

// Handle allows the connection, or denies it, which is 403: for a ticket that is not valid,
// and for an origin that is not on the list. It does not return the error "Unauthorized", for
// which API Gateway would answer 401, because Lambda counts that as an error of the function:
// any client could keep the function's alarm on, and have a deployment rolled back.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
func (a Authorize) Handle(ctx context.Context, req events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
	pass, err := a.Desk.Redeem(ctx, req.QueryStringParameters["ticket"])
	if errors.Is(err, code.NotFound) {
		return answer("nobody", deny, req.MethodArn, nil), nil
	}
	if err != nil {
		a.Log.ErrorContext(ctx, "cannot redeem a ticket", "err", err)
		return events.APIGatewayCustomAuthorizerResponse{}, errors.New("cannot redeem")
	}
	effect := allow
	if !slices.Contains(a.Origins, origin(req)) {
		effect = deny
	}
	values, err := contextOf(pass)
	if err != nil {
		return events.APIGatewayCustomAuthorizerResponse{}, err
	}
	return answer(pass.Identity.ID, effect, req.MethodArn, values), nil
}

// The decisions of an authorizer.
const (
	allow = "Allow"
	deny  = "Deny"
)

func answer(who, effect, arn string, values map[string]any) events.APIGatewayCustomAuthorizerResponse {
	return events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: who,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
			Version:   "2012-10-17",
			Statement: []events.IAMPolicyStatement{{Effect: effect, Action: []string{"execute-api:Invoke"}, Resource: []string{arn}}},
		},
		Context: values,
	}
}

// origin returns the Origin header, however the gateway spells its name. It returns "" if
// there is none, or more than one, since a browser sends one.
func origin(req events.APIGatewayCustomAuthorizerRequestTypeRequest) string {
	var all []string
	for name, values := range req.MultiValueHeaders {
		if strings.EqualFold(name, "Origin") {
			all = append(all, values...)
		}
	}
	if all == nil {
		for name, value := range req.Headers {
			if strings.EqualFold(name, "Origin") {
				all = append(all, value)
			}
		}
	}
	if len(all) != 1 {
		return ""
	}
	return all[0]
}

// A Connect handles $connect. It only writes, because nothing can be sent to a connection that
// is not open yet.
type Connect struct {
	Desk *desk.Desk
	Log  *slog.Logger
}

// Handle accepts the connection. If it cannot write, the client's hello makes up for it: no
// client is refused because the store is down for a moment.
func (c Connect) Handle(ctx context.Context, req events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	s, err := sessionOf(req.RequestContext)
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	if err := c.Desk.Connected(ctx, s.who, s.conversation); err != nil {
		c.Log.WarnContext(ctx, "cannot note a connection", "connection", s.who.Connection.ID, "err", err)
	}
	return events.APIGatewayProxyResponse{StatusCode: http.StatusOK}, nil
}

// A Disconnect handles $disconnect, which comes late or never.
type Disconnect struct{ Desk *desk.Desk }

// Handle records that the connection is gone.
func (d Disconnect) Handle(ctx context.Context, req events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	s, err := sessionOf(req.RequestContext)
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	if err := d.Desk.Disconnected(ctx, s.who, s.conversation); err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	return events.APIGatewayProxyResponse{StatusCode: http.StatusOK}, nil
}
