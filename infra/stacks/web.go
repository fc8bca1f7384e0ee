package stacks

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/topology"
)

// Web is the pages, and the HTTP API on their own origin. The pages themselves
// are not in the stack: "make deploy" uploads them, so that a page can change
// without CloudFormation.
type Web struct {
	Stack        awscdk.Stack
	Distribution awscloudfront.Distribution
}

// Outputs that the stack edge reads, in another region.
const (
	logsBucket     = "LogsBucket"
	distributionID = "DistributionId"
)

// pathsOfPages adds what the address of a page leaves out: /myinps is
// myinps.html. A path that is no page's gets the page that says so: the bucket
// would answer 403, and an error page of the distribution would stand before the
// API's errors as well. Local does the same.
const pathsOfPages = `var pages = PAGES
var headers = HEADERS
var notFound = NOT_FOUND
function handler(event) {
  var r = event.request
  var path = r.uri.replace(/^\/+|\/+$/g, '').replace(/\.html$/, '') || 'index'
  if (pages.indexOf(path) >= 0) r.uri = '/' + path + '.html'
  else if (r.uri.indexOf('/assets/') !== 0) return { statusCode: 404, statusDescription: 'Not Found', headers: headers, body: { encoding: 'text', data: notFound } }
  return r
}
`

// functionOfPaths is pathsOfPages with the pages of the topology.
func functionOfPaths() string {
	headers := map[string]map[string]string{"content-type": {"value": "text/html; charset=utf-8"}, "cache-control": {"value": "no-cache"}}
	for name, value := range topology.PageHeaders() {
		headers[strings.ToLower(name)] = map[string]string{"value": value}
	}
	return strings.NewReplacer(
		"PAGES", literal(append([]string{"index"}, topology.Pages...)), "HEADERS", literal(headers), "NOT_FOUND", literal(topology.NotFound()),
	).Replace(pathsOfPages)
}

// literal returns v, which is plain, as it is written in JavaScript.
func literal(v any) string {
	written, _ := json.Marshal(v)
	return string(written)
}

func newWeb(app constructs.Construct, p Props, s *Socket, h *HTTP, g *Global) *Web {
	st := newStack(app, p, "web", p.Owner.Region, "the pages, and the HTTP API on their origin")
	logs := newBucket(st, "Logs", &awss3.BucketProps{
		LifecycleRules: &[]*awss3.LifecycleRule{{Expiration: awscdk.Duration_Days(jsii.Number(float64(p.Owner.LogDays)))}},
		RemovalPolicy:  p.removal(),
	})
	acknowledge(logs, "AwsSolutions-S1", "it is where the logs go")
	letDelivery(logs, p)
	pages := newBucket(st, "Pages", &awss3.BucketProps{
		Versioned:              jsii.Bool(true),
		ServerAccessLogsBucket: logs,
		ServerAccessLogsPrefix: jsii.String("pages/"),
		LifecycleRules:         &[]*awss3.LifecycleRule{{NoncurrentVersionExpiration: awscdk.Duration_Days(jsii.Number(90))}},
		RemovalPolicy:          p.removal(),
	})
	distribution := newDistribution(st, p, pages, s, h)
	if p.Owner.WAF == "on" {
		raw := distribution.Node().DefaultChild().(awscloudfront.CfnDistribution)
		raw.AddPropertyOverride(jsii.String("DistributionConfig.WebACLId"), g.acl())
		st.AddDependency(g.Stack, nil)
	} else {
		// A web ACL that was there goes only after the distribution has let it go.
		// https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-deleting.html
		g.Stack.AddDependency(st, nil)
		acknowledge(distribution, "AwsSolutions-CFR2", "the owner has switched it off (waf)")
	}
	acknowledge(distribution, "AwsSolutions-CFR1", "people ask from abroad too, about wages in Italy")
	acknowledge(distribution, "AwsSolutions-CFR3", "it has logs of the second kind, which are no property of a distribution: stack edge")
	output(st, "PagesBucket", pages.BucketName())
	output(st, logsBucket, logs.BucketName())
	output(st, distributionID, distribution.DistributionId())
	output(st, "DistributionDomain", distribution.DistributionDomainName())
	output(st, "PagesUrl", jsii.String("https://"+p.Owner.Domain))
	return &Web{Stack: st, Distribution: distribution}
}

func newBucket(st awscdk.Stack, id string, props *awss3.BucketProps) awss3.Bucket {
	props.BlockPublicAccess = awss3.BlockPublicAccess_BLOCK_ALL()
	props.EnforceSSL = jsii.Bool(true)
	props.Encryption = awss3.BucketEncryption_S3_MANAGED
	return awss3.NewBucket(st, &id, props)
}

func newDistribution(st awscdk.Stack, p Props, pages awss3.Bucket, s *Socket, h *HTTP) awscloudfront.Distribution {
	https := awscloudfront.ViewerProtocolPolicy_REDIRECT_TO_HTTPS
	origin := awscloudfrontorigins.S3BucketOrigin_WithOriginAccessControl(pages, nil)
	return awscloudfront.NewDistribution(st, jsii.String("Cdn"), &awscloudfront.DistributionProps{
		Comment:                jsii.String(p.name("pages")),
		DomainNames:            jsii.Strings(p.Owner.Domain),
		Certificate:            awscertificatemanager.Certificate_FromCertificateArn(st, jsii.String("Certificate"), &p.Owner.CertificateARN),
		MinimumProtocolVersion: awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021,
		HttpVersion:            awscloudfront.HttpVersion_HTTP2_AND_3,
		PriceClass:             awscloudfront.PriceClass_PRICE_CLASS_100,
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin:                origin,
			ViewerProtocolPolicy:  https,
			CachePolicy:           awscloudfront.CachePolicy_CACHING_OPTIMIZED(),
			ResponseHeadersPolicy: pageHeaders(st, p, s),
			FunctionAssociations: &[]*awscloudfront.FunctionAssociation{{
				EventType: awscloudfront.FunctionEventType_VIEWER_REQUEST,
				Function: awscloudfront.NewFunction(st, jsii.String("Paths"), &awscloudfront.FunctionProps{
					Code: awscloudfront.FunctionCode_FromInline(jsii.String(functionOfPaths())), Runtime: awscloudfront.FunctionRuntime_JS_2_0(),
				}),
			}},
		},
		AdditionalBehaviors: &map[string]*awscloudfront.BehaviorOptions{"/v1/*": {
			Origin:                awscloudfrontorigins.NewHttpOrigin(h.host(p), &awscloudfrontorigins.HttpOriginProps{ProtocolPolicy: awscloudfront.OriginProtocolPolicy_HTTPS_ONLY}),
			ViewerProtocolPolicy:  awscloudfront.ViewerProtocolPolicy_HTTPS_ONLY,
			AllowedMethods:        awscloudfront.AllowedMethods_ALLOW_ALL(),
			CachePolicy:           awscloudfront.CachePolicy_CACHING_DISABLED(),
			OriginRequestPolicy:   awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER(),
			ResponseHeadersPolicy: responseHeaders(st, "ApiHeaders", topology.APIHeaders()),
		}},
	})
}

// pageHeaders sends pages with what the topology says. Pages may connect to the socket and to the issuers.
func pageHeaders(st awscdk.Stack, p Props, s *Socket) awscloudfront.ResponseHeadersPolicy {
	connect := []string{*awscdk.Fn_Join(jsii.String(""), jsii.Strings("wss://", *s.id(st), ".execute-api."+p.Owner.Region+".amazonaws.com"))}
	for _, i := range p.Owner.Issuers {
		if u, err := url.Parse(i.URL); err == nil && !slices.Contains(connect, "https://"+u.Host) {
			connect = append(connect, "https://"+u.Host)
		}
	}
	return responseHeaders(st, "PageHeaders", topology.PageHeaders(connect...))
}

// responseHeaders sends answers with the headers, and makes browsers come by TLS for
// two years.
func responseHeaders(st awscdk.Stack, id string, headers map[string]string) awscloudfront.ResponseHeadersPolicy {
	policy := &awscloudfront.ResponseHeadersPolicyProps{
		SecurityHeadersBehavior: &awscloudfront.ResponseSecurityHeadersBehavior{
			StrictTransportSecurity: &awscloudfront.ResponseHeadersStrictTransportSecurity{
				AccessControlMaxAge: awscdk.Duration_Days(jsii.Number(730)), IncludeSubdomains: jsii.Bool(true), Override: jsii.Bool(true),
			},
		},
		CustomHeadersBehavior: &awscloudfront.ResponseCustomHeadersBehavior{},
	}
	var custom []*awscloudfront.ResponseCustomHeader
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		value := headers[name]
		switch name { // CloudFront takes these in fields of their own only
		case "Content-Security-Policy":
			policy.SecurityHeadersBehavior.ContentSecurityPolicy = &awscloudfront.ResponseHeadersContentSecurityPolicy{ContentSecurityPolicy: &value, Override: jsii.Bool(true)}
		case "X-Content-Type-Options":
			policy.SecurityHeadersBehavior.ContentTypeOptions = &awscloudfront.ResponseHeadersContentTypeOptions{Override: jsii.Bool(true)}
		case "Referrer-Policy":
			policy.SecurityHeadersBehavior.ReferrerPolicy = &awscloudfront.ResponseHeadersReferrerPolicy{
				ReferrerPolicy: awscloudfront.HeadersReferrerPolicy_NO_REFERRER, Override: jsii.Bool(true),
			}
		case "Strict-Transport-Security": // above
		default:
			custom = append(custom, &awscloudfront.ResponseCustomHeader{Header: &name, Value: &value, Override: jsii.Bool(true)})
		}
	}
	policy.CustomHeadersBehavior.CustomHeaders = &custom
	return awscloudfront.NewResponseHeadersPolicy(st, &id, policy)
}
