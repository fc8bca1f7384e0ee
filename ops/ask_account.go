package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"

	"infocig/infra/owner"
	"infocig/infra/topology"
)

// example asks whether the owner's values are still those that the project comes with.
func (p *preflight) example(context.Context) finding {
	if p.values.Example() {
		return finding{failed, "they are the example that the project comes with", "put your own into " + owner.File(p.stage)}
	}
	return ok("%s, for %s", owner.File(p.stage), p.values.Domain)
}

// region asks whether the account has opted in to the owner's region.
// https://docs.aws.amazon.com/accounts/latest/reference/API_GetRegionOptStatus.html
func (p *preflight) region(ctx context.Context) finding {
	var out struct {
		RegionOptStatus string
	}
	err := p.rest(ctx, global, "account", http.MethodPost, "/getRegionOptStatus", map[string]string{"RegionName": p.values.Region}, &out)
	if err != nil {
		return cannot(err, "account:GetRegionOptStatus")
	}
	switch out.RegionOptStatus {
	case "ENABLED", "ENABLED_BY_DEFAULT":
		return ok("%s is on", p.values.Region)
	case "ENABLING":
		return finding{failed, p.values.Region + " is being switched on", "wait until it is: minutes, at times hours"}
	default:
		return finding{failed, fmt.Sprintf("%s is not on: %s", p.values.Region, out.RegionOptStatus), "aws account enable-region --region-name " + p.values.Region}
	}
}

// bootstrapVersion is the least that the templates take: their rule CheckBootstrapVersion.
const bootstrapVersion = 6

// bootstrap asks whether the CDK has what it needs in a region.
func (p *preflight) bootstrap(ctx context.Context, region string) finding {
	const name = "/cdk-bootstrap/hnb659fds/version"
	todo := fmt.Sprintf("make bootstrap STAGE=%s (cdk bootstrap aws://%s/%s)", p.stage, p.values.Account, region)
	out, err := ssm.NewFromConfig(p.in(region)).GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(name)})
	if refused, is := errors.AsType[smithy.APIError](err); is && refused.ErrorCode() == "ParameterNotFound" {
		return finding{failed, "the CDK was never bootstrapped there", todo}
	}
	if err != nil {
		return cannot(err, "ssm:GetParameter on "+name)
	}
	version, err := strconv.Atoi(aws.ToString(out.Parameter.Value))
	if err != nil || version < bootstrapVersion {
		return finding{failed, fmt.Sprintf("version %s is there, the templates want %d or newer", aws.ToString(out.Parameter.Value), bootstrapVersion), todo}
	}
	return ok("version %d", version)
}

// unreserved is what AWS keeps of an account's concurrency for functions that reserve none.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
const unreserved = 100

// concurrency asks whether the account has what the functions reserve.
func (p *preflight) concurrency(ctx context.Context) finding {
	client := lambda.NewFromConfig(p.cfg)
	out, err := client.GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil || out.AccountLimit == nil {
		return cannot(cmpErr(err, "AWS names no limit"), "lambda:GetAccountSettings")
	}
	limit, free := int(out.AccountLimit.ConcurrentExecutions), int(aws.ToInt32(out.AccountLimit.UnreservedConcurrentExecutions))
	if !reserves(p.values) {
		return ok("functions reserve none; the account has %d at once, for everything", limit)
	}
	need := 0
	for _, f := range topology.Functions {
		need += topology.ConcurrencyOf(f)
		own, err := client.GetFunctionConcurrency(ctx, &lambda.GetFunctionConcurrencyInput{FunctionName: aws.String(p.name(string(f)))})
		if err != nil && !isMissing(err) {
			return cannot(err, "lambda:GetFunctionConcurrency")
		}
		if err == nil {
			free += int(aws.ToInt32(own.ReservedConcurrentExecutions)) // ours already
		}
	}
	if free < need+unreserved {
		return finding{
			failed, fmt.Sprintf("functions reserve %d and %d must stay free, but of the account's %d only %d are", need, unreserved, limit, free),
			fmt.Sprintf("aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value %d --region %s\nor have the stage reserve none: \"concurrency\": \"shared\" in %s",
				max(1000, limit-free+need+unreserved), p.values.Region, owner.File(p.stage)),
		}
	}
	return ok("%d of %d are free, functions reserve %d", free, limit, need)
}

// reserves reports whether the functions of the stage reserve concurrency: the owner's choice.
func reserves(v owner.Values) bool { return v.Concurrency == owner.Reserved }

// cmpErr is err, or an error that says why there is none.
func cmpErr(err error, otherwise string) error {
	if err == nil {
		return errors.New(otherwise)
	}
	return err
}

// renewal is how long before its end a certificate is named.
const renewal = 30 * 24 * time.Hour

// certificate asks whether CloudFront will take the certificate, and browsers the pages.
func (p *preflight) certificate(ctx context.Context) finding {
	out, err := acm.NewFromConfig(p.in(global)).DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &p.values.CertificateARN})
	request := fmt.Sprintf("aws acm request-certificate --domain-name %s --validation-method DNS --region %s, then its ARN into %s", p.values.Domain, global, owner.File(p.stage))
	if refused, is := errors.AsType[*acmtypes.ResourceNotFoundException](err); is {
		return finding{failed, "there is none with the ARN in the owner's values: " + short(refused), request}
	}
	if err != nil {
		return cannot(err, "acm:DescribeCertificate")
	}
	c := out.Certificate
	names := append([]string{aws.ToString(c.DomainName)}, c.SubjectAlternativeNames...)
	end := aws.ToTime(c.NotAfter)
	switch {
	case c.Status == acmtypes.CertificateStatusPendingValidation:
		return finding{failed, "it waits for its validation", "put the CNAME that aws acm describe-certificate shows into the domain's DNS, and wait: up to half an hour"}
	case c.Status == acmtypes.CertificateStatusExpired, c.Status == acmtypes.CertificateStatusIssued && !p.now().Before(end):
		return finding{failed, "it has expired on " + end.Format(time.DateOnly), request}
	case c.Status != acmtypes.CertificateStatusIssued:
		return finding{failed, fmt.Sprintf("it is %s", c.Status), request}
	case !slices.ContainsFunc(names, func(name string) bool { return covers(name, p.values.Domain) }):
		return finding{failed, fmt.Sprintf("it is for %s, not for %s", strings.Join(names, ", "), p.values.Domain), request}
	}
	f := ok("for %s, until %s", p.values.Domain, end.Format(time.DateOnly))
	if end.Sub(p.now()) < renewal {
		f.todo = "it ends soon: see why it was not renewed (aws acm describe-certificate, RenewalSummary)"
	}
	return f
}

// covers reports whether a name of a certificate is for a host: a star stands for one label.
func covers(name, host string) bool {
	if rest, star := strings.CutPrefix(name, "*."); star {
		_, behind, _ := strings.Cut(host, ".")
		return strings.EqualFold(behind, rest)
	}
	return strings.EqualFold(name, host)
}

// secret asks whether a secret that the owner brings along is there. It does not read it.
func (p *preflight) secret(ctx context.Context, name string) finding {
	if name == owner.Generate {
		return ok("the stack makes it")
	}
	out, err := secretsmanager.NewFromConfig(p.cfg).DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
	if refused, is := errors.AsType[smithy.APIError](err); is && refused.ErrorCode() == "ResourceNotFoundException" {
		return finding{failed, "there is none with the ARN in the owner's values", "make it (docs/runbooks/deploy.md), and put its whole ARN into " + owner.File(p.stage)}
	}
	if err != nil {
		return cannot(err, "secretsmanager:DescribeSecret on "+name)
	}
	if out.DeletedDate != nil {
		return finding{failed, "it is scheduled for deletion", "aws secretsmanager restore-secret --region " + p.values.Region + " --secret-id " + name}
	}
	return ok("%s", aws.ToString(out.Name))
}

// apiLogs asks which role API Gateway writes logs with: one for the whole account and
// region, which the stack of the socket sets.
func (p *preflight) apiLogs(ctx context.Context) finding {
	var out struct {
		Role string `json:"cloudwatchRoleArn"`
	}
	if err := p.rest(ctx, p.values.Region, "apigateway", http.MethodGet, "/account", nil, &out); err != nil {
		return cannot(err, "apigateway:GET on /account")
	}
	switch {
	case out.Role == "":
		return ok("no role is set: the stack sets one")
	case strings.Contains(out.Role, ":role/infocig-"):
		return ok("%s", out.Role)
	default:
		return finding{failed, "the account's role is another team's, and the stack will replace it: " + out.Role,
			"tell whoever set it: the new role lets every API of the region write logs, so nothing of theirs stops\nthen: preflight --accept \"logs of API Gateway\", or make deploy ACCEPT=\"logs of API Gateway\""}
	}
}

// rest makes a signed request of a service whose client the module proxy does not serve, and reads
// the JSON of its answer.
func (p *preflight) rest(ctx context.Context, region, service, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	base := "https://" + service + "." + region + ".amazonaws.com"
	if p.cfg.BaseEndpoint != nil {
		base = *p.cfg.BaseEndpoint
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	who, err := p.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, who, req, hex.EncodeToString(hash[:]), service, region, time.Now()); err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // all that matters has been read
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		kind, _, _ := strings.Cut(resp.Header.Get("X-Amzn-Errortype"), ":")
		if kind == "" {
			kind = resp.Status
		}
		return &smithy.GenericAPIError{Code: kind}
	}
	return json.Unmarshal(raw, out)
}
