package socket

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/aws/aws-lambda-go/events"

	"infocig/shared/chat"
)

// An Authorize is the REQUEST authorizer of $connect: it redeems the one-time
// ticket and hands the identity on. A ticket is used up by the attempt, whatever
// comes of it.
type Authorize struct {
	Desk    *chat.Desk
	Origins []string // exact list of the origins that browsers may come from
	Log     *slog.Logger
}

// errUnauthorized has the text for which API Gateway answers 401.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
var errUnauthorized = errors.New("Unauthorized")

// Handle allows the connection, or answers 401 for a ticket that is not good
// and 403 for an origin that is not on the list.
func (a Authorize) Handle(ctx context.Context, req events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
	pass, err := a.Desk.Redeem(ctx, req.QueryStringParameters["ticket"])
	if errors.Is(err, chat.NotFound) {
		return events.APIGatewayCustomAuthorizerResponse{}, errUnauthorized
	}
	if err != nil {
		a.Log.ErrorContext(ctx, "cannot redeem a ticket", "err", err)
		return events.APIGatewayCustomAuthorizerResponse{}, errors.New("cannot redeem")
	}
	effect := "Allow"
	if !slices.Contains(a.Origins, origin(req.Headers)) {
		effect = "Deny"
	}
	values, err := contextOf(pass)
	if err != nil {
		return events.APIGatewayCustomAuthorizerResponse{}, err
	}
	return events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: pass.Identity.ID,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
			Version:   "2012-10-17",
			Statement: []events.IAMPolicyStatement{{Effect: effect, Action: []string{"execute-api:Invoke"}, Resource: []string{req.MethodArn}}},
		},
		Context: values,
	}, nil
}

// origin returns the Origin header, however the gateway spells its name.
func origin(headers map[string]string) string {
	for _, name := range []string{"Origin", "origin"} {
		if v := headers[name]; v != "" {
			return v
		}
	}
	return ""
}

// A Connect handles $connect: it only writes, since nothing can be sent to a
// connection that is not open yet.
type Connect struct {
	Desk *chat.Desk
	Log  *slog.Logger
}

// Handle accepts the connection. What it cannot write the client's hello makes
// good: a store that is down for a moment refuses nobody.
func (c Connect) Handle(ctx context.Context, req events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	s, err := sessionOf(req.RequestContext)
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	if err := c.Desk.Connected(ctx, s.who, s.conn, s.conversation); err != nil {
		c.Log.WarnContext(ctx, "cannot note a connection", "connection", s.conn.ID, "err", err)
	}
	return events.APIGatewayProxyResponse{StatusCode: http.StatusOK}, nil
}

// A Disconnect handles $disconnect, which comes late or never.
type Disconnect struct{ Desk *chat.Desk }

// Handle notes that the connection is gone.
func (d Disconnect) Handle(ctx context.Context, req events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	s, err := sessionOf(req.RequestContext)
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	if err := d.Desk.Disconnected(ctx, s.who, s.conn, s.conversation); err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	return events.APIGatewayProxyResponse{StatusCode: http.StatusOK}, nil
}
