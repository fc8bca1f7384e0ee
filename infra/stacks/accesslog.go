package stacks

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// An accessLog says where a stage writes a line for each request, and what. It
// implements awsapigatewayv2.IAccessLogSettings, for which the Go bindings have no
// struct.
type accessLog struct {
	destination awsapigatewayv2.IAccessLogDestination
	format      awsapigateway.AccessLogFormat
}

func (l *accessLog) Destination() awsapigatewayv2.IAccessLogDestination { return l.destination }
func (l *accessLog) Format() awsapigateway.AccessLogFormat              { return l.format }

// newAccessLog writes what every API knows of a request and the further fields,
// names and variables in turn. Never a path or a query string: they have tickets
// and ids. https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html
func newAccessLog(group awslogs.LogGroup, further ...string) *accessLog {
	fields := append([]string{
		"request", "$context.requestId", "route", "$context.routeKey", "status", "$context.status",
		"error", "$context.error.message", "integration", "$context.integrationErrorMessage",
	}, further...)
	var format []string
	for i := 0; i < len(fields); i += 2 {
		format = append(format, fmt.Sprintf("%q:%q", fields[i], fields[i+1]))
	}
	return &accessLog{
		awsapigatewayv2.NewLogGroupLogDestination(group),
		awsapigateway.AccessLogFormat_Custom(jsii.String("{" + strings.Join(format, ",") + "}")),
	}
}
