package stacks

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/topology"
)

// HTTP is the HTTP API and the functions behind it. It is apart from the WebSocket
// API because "sam local start-api" cannot serve a stack that has one.
type HTTP struct {
	Stack     awscdk.Stack
	API       awsapigatewayv2.HttpApi
	Functions map[topology.Function]function
}

// What the HTTP API lets through, of all clients together, on routes that have no rate of
// their own.
const (
	httpRate  = 500
	httpBurst = 500
)

func newHTTP(app constructs.Construct, p Props, d *Data, m *Messaging, s *Socket) *HTTP {
	st := newStack(app, p, "http", p.Owner.Region, "the HTTP API and its functions")
	h := &HTTP{Stack: st, Functions: map[topology.Function]function{}}
	h.API = awsapigatewayv2.NewHttpApi(st, jsii.String("Http"), &awsapigatewayv2.HttpApiProps{
		ApiName:            jsii.String(p.name("http")),
		CreateDefaultStage: jsii.Bool(false),
		CorsPreflight: &awsapigatewayv2.CorsPreflightOptions{
			AllowOrigins: jsii.Strings("https://" + p.Owner.Domain),
			AllowHeaders: jsii.Strings("authorization", "content-type"),
			AllowMethods: &[]awsapigatewayv2.CorsHttpMethod{awsapigatewayv2.CorsHttpMethod_GET, awsapigatewayv2.CorsHttpMethod_POST, awsapigatewayv2.CorsHttpMethod_PUT},
			MaxAge:       awscdk.Duration_Hours(jsii.Number(1)),
		},
	})
	w := newWorkshop(st, p, d, m).connected(s)
	integrations := map[topology.Function]awsapigatewayv2.HttpRouteIntegration{}
	authorizers := map[string]awsapigatewayv2.IHttpRouteAuthorizer{"": awsapigatewayv2.NewHttpNoneAuthorizer()}
	var own []awsapigatewayv2.HttpRoute // that have a rate
	rates := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(topology.HTTP)) {
		route := topology.HTTP[key]
		if integrations[route.Function] == nil {
			f := w.make(route.Function)
			h.Functions[route.Function] = f
			integrations[route.Function] = awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String(title(route.Function)), f.Alias, nil)
		}
		if authorizers[route.Door] == nil && p.Owner.GatewayAuthorizers == "on" {
			issuer := p.Owner.Issuer(route.Door)
			authorizers[route.Door] = awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String(title(topology.Function(route.Door))), &issuer.URL,
				&awsapigatewayv2authorizers.HttpJwtAuthorizerProps{AuthorizerName: jsii.String(route.Door), JwtAudience: jsii.Strings(issuer.Audience)})
		}
		door := route.Door
		if p.Owner.GatewayAuthorizers == "off" {
			door = "" // the function verifies, here as everywhere
		}
		method, path, _ := strings.Cut(key, " ")
		for _, r := range *h.API.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
			Path: &path, Methods: &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod(method)},
			Integration: integrations[route.Function], Authorizer: authorizers[door],
		}) {
			if door == "" {
				acknowledge(r, "AwsSolutions-APIG4", "for people of two issuers, or of none: the function verifies (docs/adr/0007)")
			}
			if route.Rate > 0 {
				own = append(own, r)
				rates[key] = map[string]any{"DetailedMetricsEnabled": p.detailed(), "ThrottlingRateLimit": route.Rate, "ThrottlingBurstLimit": route.Rate}
			}
		}
	}
	log := logGroup(st, p, d.Key, "AccessLog", "/aws/apigateway/"+p.name("http"))
	stage := awsapigatewayv2.NewHttpStage(st, jsii.String("Stage"), &awsapigatewayv2.HttpStageProps{
		HttpApi:                h.API,
		StageName:              jsii.String("$default"),
		AutoDeploy:             jsii.Bool(true),
		DetailedMetricsEnabled: jsii.Bool(p.detailed()),
		Throttle:               &awsapigatewayv2.ThrottleSettings{RateLimit: jsii.Number(httpRate), BurstLimit: jsii.Number(httpBurst)},
		AccessLogSettings:      newAccessLog(log, "latency", "$context.responseLatency"),
	})
	awslogs.NewMetricFilter(st, jsii.String("Refused"), &awslogs.MetricFilterProps{
		LogGroup: log, FilterPattern: awslogs.FilterPattern_StringValue(jsii.String("$.status"), jsii.String("="), jsii.String("401")),
		MetricNamespace: jsii.String(p.accessMetrics()), MetricName: jsii.String(topology.Unauthorized), MetricValue: jsii.String("1"),
	})
	stage.Node().DefaultChild().(awsapigatewayv2.CfnStage).SetRouteSettings(rates)
	for _, r := range own { // "Unable to find Route by key", says the gateway of one that is not there yet
		stage.Node().AddDependency(r)
	}
	output(st, "HttpUrl", h.url(p))
	return h
}

// host is the name of the API's host.
func (h *HTTP) host(p Props) *string {
	return awscdk.Fn_Join(jsii.String(""), jsii.Strings(*h.API.ApiId(), ".execute-api."+p.Owner.Region+".amazonaws.com"))
}

func (h *HTTP) url(p Props) *string {
	return awscdk.Fn_Join(jsii.String(""), jsii.Strings("https://", *h.host(p)))
}
