package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"

	"infocig/infra/owner"
)

// issuer asks an issuer for its discovery document, as API Gateway does when an authorizer is made:
// where it has no answer the stack fails.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
func (p *preflight) issuer(ctx context.Context, i owner.Issuer) finding {
	var found struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	address := strings.TrimSuffix(i.URL, "/") + "/.well-known/openid-configuration"
	answered, raw, err := get(ctx, p.web, address)
	_, forged := errors.AsType[*tls.CertificateVerificationError](err)
	nowhere, asked := errors.AsType[*net.DNSError](err)
	switch {
	case answered != nil && err != nil, forged, asked && nowhere.IsNotFound:
		return finding{failed, "its discovery document cannot be had: " + err.Error(), "see that " + address + " is answered to everybody: API Gateway asks from AWS's network\nwhere only browsers can ask it: \"gateway_authorizers\": \"off\" leaves tokens to the functions; then preflight --accept \"issuer " + i.Door + "\""}
	case err != nil:
		return finding{unknown, "its discovery document cannot be had from here: " + err.Error(), "see from another network whether " + address + " is answered to everybody"}
	}
	if json.Unmarshal(raw, &found) != nil || found.Issuer == "" {
		return finding{failed, "what it answers is no discovery document", "see what " + address + " is"}
	}
	file := owner.File(p.stage)
	switch {
	case found.Issuer != i.URL:
		return finding{failed, fmt.Sprintf("it calls itself %s, the owner's values %s", found.Issuer, i.URL), "put its own name into " + file + ", to the letter: tokens have it"}
	case found.JWKS != i.JWKS:
		return finding{failed, fmt.Sprintf("its keys are at %s, the owner's values say %s", found.JWKS, i.JWKS), "put jwks right in " + file}
	}
	var keys struct {
		Keys []json.RawMessage `json:"keys"`
	}
	_, raw, err = get(ctx, p.web, i.JWKS)
	if err != nil || json.Unmarshal(raw, &keys) != nil || len(keys.Keys) == 0 {
		return finding{failed, fmt.Sprintf("it gives no keys at %s: %v", i.JWKS, cmpErr(err, "no key set, or an empty one")), "tell whoever runs the issuer"}
	}
	return ok("%s, %d keys", i.URL, len(keys.Keys))
}

// email asks whether somebody gets the mails of alarms. Those of CloudFront have a topic of their own, in us-east-1.
func (p *preflight) email(ctx context.Context, region, stack string) finding {
	out, err := p.outputsIn(ctx, region, stack)
	if errors.Is(err, errNotDeployed) {
		return ok("after the first deployment: %s must confirm the subscription", p.values.AlarmEmail)
	}
	topic := out["AlarmTopic"]
	if err != nil || topic == "" {
		return cannot(cmpErr(err, "the stack names no topic"), "cloudformation:DescribeStacks")
	}
	again := fmt.Sprintf("aws sns subscribe --region %s --topic-arn %s --protocol email --notification-endpoint %s", region, topic, p.values.AlarmEmail)
	pages := sns.NewListSubscriptionsByTopicPaginator(sns.NewFromConfig(p.in(region)), &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if _, gone := errors.AsType[*snstypes.NotFoundException](err); gone {
			return finding{failed, "the topic of alarms is gone: " + topic, "deploy again"}
		}
		if err != nil {
			return cannot(err, "sns:ListSubscriptionsByTopic")
		}
		for _, s := range page.Subscriptions {
			if aws.ToString(s.Protocol) != "email" || !strings.EqualFold(aws.ToString(s.Endpoint), p.values.AlarmEmail) {
				continue
			}
			if aws.ToString(s.SubscriptionArn) == "PendingConfirmation" {
				return finding{failed, p.values.AlarmEmail + " has not confirmed: no alarm reaches anybody", "have the link in the mail «AWS Notification - Subscription Confirmation» opened; if the mail is lost: " + again}
			}
			return ok("%s gets the alarms", p.values.AlarmEmail)
		}
	}
	return finding{failed, p.values.AlarmEmail + " is not subscribed: no alarm reaches anybody", again + ", and have the link in the mail opened"}
}

// dns asks whether the domain leads to the distribution.
func (p *preflight) dns(ctx context.Context) finding {
	out, err := p.outputs(ctx, "web")
	if errors.Is(err, errNotDeployed) {
		return ok("after the first deployment: %s must lead to the distribution", p.values.Domain)
	}
	target := out["DistributionDomain"]
	if err != nil || target == "" {
		return cannot(cmpErr(err, "the stack names no distribution"), "cloudformation:DescribeStacks")
	}
	leads, err := p.leads(ctx, p.values.Domain, target)
	if err != nil {
		return finding{unknown, err.Error(), "see whether this machine can ask the DNS"}
	}
	if !leads {
		return finding{failed, fmt.Sprintf("%s does not lead to %s", p.values.Domain, target), record(p.values.Domain, target)}
	}
	return ok("%s leads to %s", p.values.Domain, target)
}

// record is the line that the domain's DNS needs.
func record(domain, target string) string {
	return fmt.Sprintf("DNS: %s. CNAME %s. (in Route 53 better an alias)", domain, target)
}

// leads reports whether a domain leads to a host: by its CNAME, or, as an alias of Route 53, by an address.
func (p *preflight) leads(ctx context.Context, domain, target string) (bool, error) {
	cname, addresses, err := p.resolve(ctx, domain)
	if missing, is := errors.AsType[*net.DNSError](err); is && missing.IsNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if strings.EqualFold(cname, target) {
		return true, nil
	}
	there, its, err := p.resolve(ctx, target)
	if err != nil {
		return false, err
	}
	return strings.EqualFold(cname, there) && cname != domain || slices.ContainsFunc(addresses, func(a string) bool { return slices.Contains(its, a) }), nil
}

// get asks for what is there. The header is nil where there was no answer.
func get(ctx context.Context, client *http.Client, url string) (http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return resp.Header, body, err
}
