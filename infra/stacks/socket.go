package stacks

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/topology"
)

// Socket is the WebSocket API and the functions behind it.
type Socket struct {
	Stack     awscdk.Stack
	API       awsapigatewayv2.WebSocketApi
	Stage     awsapigatewayv2.WebSocketStage
	Functions map[topology.Function]function
}

// What the WebSocket API lets through, of all clients together. An account has
// 2,500 requests a second in the smaller regions, @connections included.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const (
	socketRate  = 2000
	socketBurst = 1000
)

func newSocket(app constructs.Construct, p Props, d *Data, m *Messaging) *Socket {
	st := newStack(app, p, "socket", p.Owner.Region, "the WebSocket API and its functions")
	s := &Socket{Stack: st, Functions: map[topology.Function]function{}}
	s.API = awsapigatewayv2.NewWebSocketApi(st, jsii.String("Socket"), &awsapigatewayv2.WebSocketApiProps{
		ApiName:                  jsii.String(p.name("socket")),
		RouteSelectionExpression: jsii.String("$request.body.action"),
	})
	w := newWorkshop(st, p, d, m).connected(s)
	behind := func(f topology.Function) function {
		if _, ok := s.Functions[f]; !ok {
			s.Functions[f] = w.make(f)
		}
		return s.Functions[f]
	}
	// A ticket opens one socket: its answer must not be kept. API Gateway keeps
	// none for WebSocket APIs, and there is nothing to set.
	// https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html
	authorizer := awsapigatewayv2authorizers.NewWebSocketLambdaAuthorizer(jsii.String("Ticket"), behind(topology.Authorize).Alias,
		&awsapigatewayv2authorizers.WebSocketLambdaAuthorizerProps{IdentitySource: jsii.Strings(topology.SocketIdentitySource)})
	for _, key := range slices.Sorted(maps.Keys(topology.Socket)) {
		route := topology.Socket[key]
		options := &awsapigatewayv2.WebSocketRouteOptions{
			Integration: awsapigatewayv2integrations.NewWebSocketLambdaIntegration(jsii.String("To"+title(route.Function)), behind(route.Function).Alias, nil),
		}
		if route.Response {
			options.ReturnResponse = jsii.Bool(true)
		}
		if key == "$connect" { // the only one that can have an authorizer
			options.Authorizer = authorizer
		}
		s.API.AddRoute(jsii.String(key), options)
	}
	acknowledge(s.API, "AwsSolutions-APIG4", "a WebSocket API authorizes $connect, and every other event belongs to a connection that it let in")
	s.Stage = awsapigatewayv2.NewWebSocketStage(st, jsii.String("Stage"), &awsapigatewayv2.WebSocketStageProps{
		WebSocketApi:           s.API,
		StageName:              jsii.String(topology.Stage),
		AutoDeploy:             jsii.Bool(true),
		DetailedMetricsEnabled: jsii.Bool(p.detailed()),
		Throttle:               &awsapigatewayv2.ThrottleSettings{RateLimit: jsii.Number(socketRate), BurstLimit: jsii.Number(socketBurst)},
		AccessLogSettings:      newAccessLog(logGroup(st, p, d.Key, "AccessLog", "/aws/apigateway/"+p.name("socket")), "connection", "$context.connectionId", "event", "$context.eventType"),
	})
	s.Stage.Node().AddDependency(logsOfAPIs(st))
	output(st, socketID, s.API.ApiId())
	output(st, "SocketUrl", s.url(st, p))
	return s
}

// url is what clients open; as everything below, for a template of st.
func (s *Socket) url(st awscdk.Stack, p Props) *string { return s.address("wss", st, p) }

// callback is where functions post to sockets.
func (s *Socket) callback(st awscdk.Stack, p Props) *string { return s.address("https", st, p) }

func (s *Socket) address(scheme string, st awscdk.Stack, p Props) *string {
	return awscdk.Fn_Join(jsii.String(""), jsii.Strings(scheme+"://", *s.id(st), ".execute-api."+p.Owner.Region+".amazonaws.com/"+topology.Stage))
}

// connections is what functions do to the sockets of this stage: post and close.
func (s *Socket) connections(p Props, id string) []string {
	var all []string
	for _, method := range []string{"POST", "DELETE"} {
		all = append(all, fmt.Sprintf("arn:aws:execute-api:%s:%s:%s/%s/%s/@connections/*", p.Owner.Region, p.Owner.Account, id, topology.Stage, method))
	}
	return all
}

// socketID is the output with the id of the API.
const socketID = "SocketId"

// id returns the id of the API.
func (s *Socket) id(st awscdk.Stack) *string {
	if st == s.Stack {
		return s.API.ApiId()
	}
	st.AddDependency(s.Stack, nil)
	return awscdk.Fn_GetStackOutput(s.Stack.StackName(), jsii.String(socketID), nil, nil)
}

// printedID is the id as cdk-nag prints it.
func (s *Socket) printedID(st awscdk.Stack) string {
	if st == s.Stack {
		return "<" + *s.Stack.GetLogicalId(s.API.Node().DefaultChild().(awscdk.CfnElement)) + ">"
	}
	return *s.Stack.StackName() + ":" + socketID
}

// logsOfAPIs lets API Gateway write logs: a setting of the account and region,
// which a WebSocket API needs before its stage can have one. It stays when the
// stack goes, since other APIs may need it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
func logsOfAPIs(st awscdk.Stack) constructs.IDependable {
	role := awsiam.NewRole(st, jsii.String("ApiLogsRole"), &awsiam.RoleProps{
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("service-role/AmazonAPIGatewayPushToCloudWatchLogs"))},
	})
	acknowledge(role, "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
		"the role of API Gateway for the whole account, not of a function: AWS asks for this policy")
	account := awsapigateway.NewCfnAccount(st, jsii.String("ApiLogs"), &awsapigateway.CfnAccountProps{CloudWatchRoleArn: role.RoleArn()})
	role.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	account.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	return account
}
