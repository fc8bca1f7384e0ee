package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"infocig/infra/owner"
)

// A call is a request of AWS: its service and action, and what it asks about.
type call struct {
	action string
	about  string
}

// A reply is what AWS answers.
type reply struct {
	status int
	body   string
}

// A stub is an account that answers as AWS does where nothing is deployed and all is well; answers
// replaces some of that.
type stub struct {
	values  owner.Values
	answers map[string]func(call) reply
}

func says(status int, body string) func(call) reply {
	return func(call) reply { return reply{status, body} }
}

// refused is an error of AWS, in the form of each protocol.
func refused(status int, code string) reply {
	return reply{status, code}
}

// stackXML is a stack as DescribeStacks has it.
func stackXML(name, status string, outputs map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<member><StackName>%s</StackName><CreationTime>2026-11-26T10:00:00Z</CreationTime><StackStatus>%s</StackStatus><Outputs>", name, status)
	for key, value := range outputs {
		fmt.Fprintf(&b, "<member><OutputKey>%s</OutputKey><OutputValue>%s</OutputValue></member>", key, value)
	}
	return b.String() + "</Outputs></member>"
}

func stacksXML(stacks ...string) string {
	return "<DescribeStacksResponse><DescribeStacksResult><Stacks>" + strings.Join(stacks, "") + "</Stacks></DescribeStacksResult></DescribeStacksResponse>"
}

func resourcesXML(ids ...string) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, "<member><PhysicalResourceId>%s</PhysicalResourceId><LogicalResourceId>x</LogicalResourceId><ResourceType>x</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-11-26T10:00:00Z</LastUpdatedTimestamp></member>", id)
	}
	return "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>" + b.String() + "</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>"
}

func subscriptionsXML(protocol, endpoint, arn string) string {
	member := ""
	if protocol != "" {
		member = fmt.Sprintf("<member><Protocol>%s</Protocol><Endpoint>%s</Endpoint><SubscriptionArn>%s</SubscriptionArn></member>", protocol, endpoint, arn)
	}
	return "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>" + member + "</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>"
}

func identityXML(account string) string {
	return "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::" + account + ":user/op</Arn><Account>" + account + "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
}

func certificateJSON(status, name string, until time.Time) string {
	return fmt.Sprintf(`{"Certificate":{"Status":%q,"DomainName":%q,"SubjectAlternativeNames":[%q],"NotAfter":%d}}`, status, name, name, until.Unix())
}

// usual are the answers of an account in which nothing is deployed and all is well.
func (s *stub) usual() map[string]func(call) reply {
	return map[string]func(call) reply{
		"sts.GetCallerIdentity":           says(200, identityXML(s.values.Account)),
		"account.POST getRegionOptStatus": says(200, `{"RegionOptStatus":"ENABLED"}`),
		"ssm.GetParameter":                says(200, `{"Parameter":{"Value":"28"}}`),
		"lambda.GET account-settings":     says(200, `{"AccountLimit":{"ConcurrentExecutions":1000,"UnreservedConcurrentExecutions":1000}}`),
		"lambda.GET concurrency":          func(call) reply { return refused(404, "ResourceNotFoundException") },
		"lambda.GET configuration":        func(call) reply { return refused(404, "ResourceNotFoundException") },
		"acm.DescribeCertificate":         says(200, certificateJSON("ISSUED", s.values.Domain, time.Now().AddDate(0, 6, 0))),
		"secretsmanager.DescribeSecret": func(c call) reply {
			if strings.HasPrefix(c.about, "arn:") {
				return reply{200, `{"Name":"linea"}`}
			}
			return refused(400, "ResourceNotFoundException")
		},
		"apigateway.GET account":   says(200, `{}`),
		"backup.GET backup-vaults": says(200, `{"BackupVaultList":[{"BackupVaultName":"Default"}]}`),
		"cloudformation.DescribeStacks": func(c call) reply {
			if c.about == "" {
				return reply{200, stacksXML()}
			}
			return reply{400, "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id " + c.about + " does not exist</Message></Error></ErrorResponse>"}
		},
		"cloudformation.ListStackResources": says(200, resourcesXML()),
		"logs.DescribeLogGroups":            says(200, `{"logGroups":[]}`),
		"dynamodb.DescribeTable":            func(call) reply { return refused(400, "ResourceNotFoundException") },
		"sqs.GetQueueUrl":                   func(call) reply { return refused(400, "QueueDoesNotExist") },
		"kms.DescribeKey":                   func(call) reply { return refused(400, "NotFoundException") },
		"sns.GetTopicAttributes":            func(call) reply { return refused(404, "NotFound") },
	}
}

var signedFor = regexp.MustCompile(`Credential=[^/]+/\d+/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request`)

// ServeHTTP implements http.Handler.
func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	scope := signedFor.FindStringSubmatch(r.Header.Get("Authorization"))
	service, xml := scope[2], false
	c := call{action: service + "."}
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "":
		_, action, _ := strings.Cut(target, ".")
		c.action += action
		var body map[string]any
		_ = json.Unmarshal(raw, &body)
		for _, key := range []string{"SecretId", "TableName", "QueueName", "KeyId", "logGroupNamePrefix", "Name", "CertificateArn"} {
			if v, ok := body[key].(string); ok {
				c.about = v
			}
		}
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		form, _ := url.ParseQuery(string(raw))
		c.action += form.Get("Action")
		c.about, xml = form.Get("StackName")+form.Get("TopicArn"), true
	default:
		c.action += r.Method + " " + path[len(path)-1]
		if len(path) > 2 {
			c.about = path[2]
		}
	}
	answer, known := s.answers[c.action]
	if !known {
		answer, known = s.usual()[c.action]
	}
	if !known {
		answer = says(http.StatusNotImplemented, "NotImplemented "+c.action)
	}
	a := answer(c)
	if a.status != http.StatusOK && !strings.HasPrefix(a.body, "<") && !strings.HasPrefix(a.body, "{") { // an error's code
		w.Header().Set("X-Amzn-Errortype", a.body)
		if xml {
			a.body = "<ErrorResponse><Error><Code>" + a.body + "</Code><Message>no</Message></Error></ErrorResponse>"
		} else {
			a.body = fmt.Sprintf(`{"__type":%q,"message":"no"}`, a.body)
		}
	}
	w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(a.body)))) // DynamoDB's
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// A world is the issuers and the DNS.
type world struct {
	documents map[string]string // by path
	names     map[string][]string
	silent    bool // the issuers do not answer
}

// ask runs a preflight against the stub.
func (s *stub) ask(t *testing.T, o world, accept ...string) (string, error) {
	t.Helper()
	issuers := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		base := "https://" + r.Host
		door, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		body, own := o.documents[r.URL.Path]
		switch {
		case own && body == "":
			http.NotFound(w, r)
		case own:
			_, _ = io.WriteString(w, strings.ReplaceAll(body, "BASE", base))
		case rest == ".well-known/openid-configuration":
			_, _ = fmt.Fprintf(w, `{"issuer":"%s/%s","jwks_uri":"%s/%s/keys"}`, base, door, base, door)
		default:
			_, _ = io.WriteString(w, `{"keys":[{"kty":"EC"}]}`)
		}
	}))
	t.Cleanup(issuers.Close)
	if o.silent {
		issuers.Close()
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	values := s.values
	values.Issuers = nil
	for _, door := range owner.Doors {
		values.Issuers = append(values.Issuers, owner.Issuer{Door: door, URL: issuers.URL + "/" + door, Audience: "a", JWKS: issuers.URL + "/" + door + "/keys"})
	}
	cfg, err := awsConfig(t.Context(), server.URL)
	must(t, err)
	cfg.Retryer = func() aws.Retryer { // as often as usual, since a busy machine drops a connection; sooner
		return retry.AddWithMaxBackoffDelay(retry.NewStandard(), 10*time.Millisecond)
	}
	cfg.Region = values.Region
	p := newPreflight(installation{owner.Dev, values, cfg})
	p.web = issuers.Client()
	p.resolve = func(_ context.Context, host string) (string, []string, error) {
		found := o.names[host]
		if found == nil {
			return "", nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}
		return found[0], found[1:], nil
	}
	var out bytes.Buffer
	err = p.print(t.Context(), terminal{bufio.NewReader(strings.NewReader("")), &out, io.Discard}, accept)
	return out.String(), err
}

func newStub(t *testing.T, answers map[string]func(call) reply) *stub {
	t.Helper()
	v, err := owner.Read(owner.Dev, "../infra/owner/dev.json")
	must(t, err)
	v.Account, v.Domain = "222233334444", "chat.example.org"
	v.CertificateARN = "arn:aws:acm:us-east-1:222233334444:certificate/11111111-2222-3333-4444-555555555555"
	v.Concurrency = owner.Reserved
	v.Linea.TokenSecret = "arn:aws:secretsmanager:eu-south-1:222233334444:secret:token-AbCdEf"
	v.Linea.SigningSecret = "arn:aws:secretsmanager:eu-south-1:222233334444:secret:signs-AbCdEf"
	return &stub{values: v, answers: answers}
}

// deployedStacks answers as an account does in which the stage is deployed: all of its names are there, and owned.
func deployedStacks(status string) map[string]func(call) reply {
	outputs := map[string]map[string]string{
		"infocig-dev-ops":  {"AlarmTopic": "arn:aws:sns:eu-south-1:222233334444:infocig-dev-alarms"},
		"infocig-dev-edge": {"AlarmTopic": "arn:aws:sns:us-east-1:222233334444:infocig-dev-alarms"},
		"infocig-dev-web":  {"DistributionDomain": "d111.cloudfront.net"},
	}
	p := newPreflight(installation{stage: owner.Dev, values: owner.Values{Region: "eu-south-1", Account: "222233334444"}})
	owned := slices.Concat(p.functions(), p.logGroups(), p.tables(), []string{"alias/infocig-dev-data", "arn:aws:sns:eu-south-1:222233334444:infocig-dev-alarms", "arn:aws:sns:us-east-1:222233334444:infocig-dev-alarms",
		"https://sqs/infocig-dev-escalations", "https://sqs/infocig-dev-escalations-dead"})
	for _, s := range p.secrets() {
		owned = append(owned, "arn:"+s)
	}
	return map[string]func(call) reply{
		"cloudformation.DescribeStacks": func(c call) reply {
			if c.about == "" {
				return reply{200, stacksXML(stackXML("infocig-dev-data", status, nil), stackXML("infocig-dev-web", "UPDATE_COMPLETE", nil), stackXML("infocig-prod-data", "ROLLBACK_COMPLETE", nil))}
			}
			return reply{200, stacksXML(stackXML(c.about, "UPDATE_COMPLETE", outputs[c.about]))}
		},
		"cloudformation.ListStackResources": says(200, resourcesXML(owned...)),
		"lambda.GET account-settings":       says(200, `{"AccountLimit":{"ConcurrentExecutions":1000,"UnreservedConcurrentExecutions":368}}`),
		"lambda.GET concurrency": func(c call) reply {
			own := map[string]int{"authorize": 50, "connect": 50, "disconnect": 50, "message": 300, "citizen": 100, "advisor": 50, "operator": 5, "sweep": 2, "escalate": 5, "webhook": 20}
			return reply{200, fmt.Sprintf(`{"ReservedConcurrentExecutions":%d}`, own[strings.TrimPrefix(c.about, "infocig-dev-")])}
		},
		"lambda.GET configuration": says(200, `{}`),
		"logs.DescribeLogGroups": func(c call) reply {
			return reply{200, fmt.Sprintf(`{"logGroups":[{"logGroupName":%q}]}`, c.about)}
		},
		"dynamodb.DescribeTable":        says(200, `{"Table":{}}`),
		"sqs.GetQueueUrl":               func(c call) reply { return reply{200, fmt.Sprintf(`{"QueueUrl":"https://sqs/%s"}`, c.about)} },
		"secretsmanager.DescribeSecret": func(c call) reply { return reply{200, fmt.Sprintf(`{"Name":"s","ARN":"arn:%s"}`, c.about)} },
		"kms.DescribeKey":               says(200, `{}`),
		"sns.GetTopicAttributes":        says(200, "<GetTopicAttributesResponse><GetTopicAttributesResult/></GetTopicAttributesResponse>"),
		"sns.ListSubscriptionsByTopic":  says(200, subscriptionsXML("email", "infocig-dev@example.org", "arn:aws:sns:x")),
		"apigateway.GET account":        says(200, `{"cloudwatchRoleArn":"arn:aws:iam::222233334444:role/infocig-dev-socket-ApiLogsRole1"}`),
	}
}

var leadsThere = world{names: map[string][]string{"chat.example.org": {"d111.cloudfront.net", "198.51.100.1"}, "d111.cloudfront.net": {"d111.cloudfront.net", "198.51.100.1"}}}

// TestAnAccountThatIsReady: before the first deployment, and after it.
func TestAnAccountThatIsReady(t *testing.T) {
	for name, s := range map[string]*stub{"nothing is deployed": newStub(t, nil), "deployed": newStub(t, deployedStacks("UPDATE_COMPLETE"))} {
		out, err := s.ask(t, leadsThere)
		if err != nil || strings.Contains(out, "FAILED") || strings.Contains(out, "unknown  ") || !strings.Contains(out, ", 0 failed, 0 unknown") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestEachFaultOfAnAccountIsNamed: one fault each, and what to do about it.
func TestEachFaultOfAnAccountIsNamed(t *testing.T) {
	on := func(action string, answer func(call) reply) map[string]func(call) reply {
		return map[string]func(call) reply{action: answer}
	}
	after := func(action string, answer func(call) reply) map[string]func(call) reply {
		all := deployedStacks("UPDATE_COMPLETE")
		all[action] = answer
		return all
	}
	only := func(about, body string) func(call) reply {
		return func(c call) reply {
			if c.about == about {
				return reply{200, body}
			}
			return refused(400, "ResourceNotFoundException")
		}
	}
	discovery := "/myinps/.well-known/openid-configuration"
	for name, test := range map[string]struct {
		answers map[string]func(call) reply
		outside world
		line    string // what has failed
		said    string
		todo    string
	}{
		"credentials of another account": {on("sts.GetCallerIdentity", says(200, identityXML("999988887777"))), leadsThere, "credentials", "999988887777", "owner's account"},
		"credentials that are over":      {on("sts.GetCallerIdentity", func(call) reply { return refused(403, "ExpiredToken") }), leadsThere, "credentials", "ExpiredToken", "give credentials"},
		"region not opted in":            {on("account.POST getRegionOptStatus", says(200, `{"RegionOptStatus":"DISABLED"}`)), leadsThere, "region", "DISABLED", "enable-region --region-name eu-south-1"},
		"region on its way":              {on("account.POST getRegionOptStatus", says(200, `{"RegionOptStatus":"ENABLING"}`)), leadsThere, "region", "being switched on", "wait"},
		"never bootstrapped":             {on("ssm.GetParameter", func(call) reply { return refused(400, "ParameterNotFound") }), leadsThere, "bootstrap us-east-1", "never", "cdk bootstrap aws://222233334444/us-east-1"},
		"bootstrapped long ago":          {on("ssm.GetParameter", says(200, `{"Parameter":{"Value":"5"}}`)), leadsThere, "bootstrap eu-south-1", "version 5", "cdk bootstrap aws://222233334444/eu-south-1"},
		"a new account's concurrency":    {on("lambda.GET account-settings", says(200, `{"AccountLimit":{"ConcurrentExecutions":10,"UnreservedConcurrentExecutions":10}}`)), leadsThere, "concurrency", "of the account's 10 only 10", "L-B99A9384 --desired-value 1000"},
		"a second stage":                 {on("lambda.GET account-settings", says(200, `{"AccountLimit":{"ConcurrentExecutions":1000,"UnreservedConcurrentExecutions":368}}`)), leadsThere, "concurrency", "only 368", "--desired-value 13"},
		"no room for what reserves none": {on("lambda.GET account-settings", says(200, `{"AccountLimit":{"ConcurrentExecutions":731,"UnreservedConcurrentExecutions":731}}`)), leadsThere, "concurrency", "100 must stay free", "--desired-value 1000"},
		"certificate not there":          {on("acm.DescribeCertificate", func(call) reply { return refused(400, "ResourceNotFoundException") }), leadsThere, "certificate", "none with the ARN", "request-certificate"},
		"certificate not validated":      {on("acm.DescribeCertificate", says(200, certificateJSON("PENDING_VALIDATION", "chat.example.org", time.Now()))), leadsThere, "certificate", "waits for its validation", "CNAME"},
		"certificate that has expired":   {on("acm.DescribeCertificate", says(200, certificateJSON("ISSUED", "chat.example.org", time.Now().Add(-time.Hour)))), leadsThere, "certificate", "expired", "request-certificate"},
		"certificate that was revoked":   {on("acm.DescribeCertificate", says(200, certificateJSON("REVOKED", "chat.example.org", time.Now().AddDate(1, 0, 0)))), leadsThere, "certificate", "REVOKED", "request-certificate"},
		"certificate of another domain":  {on("acm.DescribeCertificate", says(200, certificateJSON("ISSUED", "*.a.example.org", time.Now().AddDate(1, 0, 0)))), leadsThere, "certificate", "not for chat.example.org", "request-certificate"},
		"no secret of Linea INPS":        {on("secretsmanager.DescribeSecret", func(call) reply { return refused(400, "ResourceNotFoundException") }), leadsThere, "secret of Linea INPS", "none with the ARN", "dev.json"},
		"a token that will be deleted":   {on("secretsmanager.DescribeSecret", only("arn:aws:secretsmanager:eu-south-1:222233334444:secret:token-AbCdEf", `{"DeletedDate":1}`)), leadsThere, "token of Linea INPS", "scheduled", "restore-secret"},
		"issuer that does not answer":    {nil, world{documents: map[string]string{discovery: ""}}, "issuer myinps", "404", "answered to everybody"},
		"issuer that is a web page":      {nil, world{documents: map[string]string{discovery: "<html>"}}, "issuer myinps", "no discovery document", "openid-configuration"},
		"issuer with a slash":            {nil, world{documents: map[string]string{discovery: `{"issuer":"BASE/myinps/","jwks_uri":"BASE/myinps/keys"}`}}, "issuer myinps", "calls itself", "to the letter"},
		"issuer with other keys":         {nil, world{documents: map[string]string{discovery: `{"issuer":"BASE/myinps","jwks_uri":"BASE/other"}`}}, "issuer myinps", "/other", "jwks"},
		"issuer without keys":            {nil, world{documents: map[string]string{"/institute/keys": `{"keys":[]}`}}, "issuer institute", "no keys", "whoever runs"},
		"another team's log role":        {on("apigateway.GET account", says(200, `{"cloudwatchRoleArn":"arn:aws:iam::222233334444:role/theirs"}`)), leadsThere, "logs of API Gateway", "role/theirs", "--accept"},
		"a first deployment failed":      {deployedStacks("ROLLBACK_COMPLETE"), leadsThere, "stacks", "infocig-dev-data: ROLLBACK_COMPLETE", "delete-stack --stack-name infocig-dev-data"},
		"a rollback failed":              {deployedStacks("UPDATE_ROLLBACK_FAILED"), leadsThere, "stacks", "UPDATE_ROLLBACK_FAILED", "continue-update-rollback"},
		"a deployment is under way":      {deployedStacks("UPDATE_IN_PROGRESS"), leadsThere, "stacks", "UPDATE_IN_PROGRESS", "wait"},
		"a log group was left":           {on("logs.DescribeLogGroups", says(200, `{"logGroups":[{"logGroupName":"/aws/lambda/infocig-dev-sweep"},{"logGroupName":"/aws/lambda/infocig-dev-sweeper"}]}`)), leadsThere, "names of log groups", "/aws/lambda/infocig-dev-sweep", "delete-log-group"},
		"a table was left":               {on("dynamodb.DescribeTable", only("infocig-dev-table-ledger", `{"Table":{}}`)), leadsThere, "names of tables", "infocig-dev-table-ledger", "delete-table"},
		"a queue was left":               {on("sqs.GetQueueUrl", only("infocig-dev-escalations", `{"QueueUrl":"https://q"}`)), leadsThere, "names of queues", "infocig-dev-escalations", "delete-queue"},
		"a secret will be deleted": {on("secretsmanager.DescribeSecret", func(c call) reply {
			return reply{200, map[bool]string{true: `{"ARN":"arn:x"}`, false: `{"ARN":"arn:y","DeletedDate":1}`}[strings.HasPrefix(c.about, "arn:")]}
		}), leadsThere, "names of secrets", "infocig-dev-pseudonym-key (scheduled for deletion)", "--force-delete-without-recovery"},
		"an alias was left":   {on("kms.DescribeKey", says(200, `{}`)), leadsThere, "names of the key", "alias/infocig-dev-data", "delete-alias"},
		"a topic was left":    {on("sns.GetTopicAttributes", says(200, "<GetTopicAttributesResponse><GetTopicAttributesResult/></GetTopicAttributesResponse>")), leadsThere, "names of the alarms' topic", "infocig-dev-alarms", "delete-topic"},
		"a vault was left":    {on("backup.GET backup-vaults", says(200, `{"BackupVaultList":[{"BackupVaultName":"infocig-dev-vault"}]}`)), leadsThere, "names of the vault of backups", "infocig-dev-vault", "delete-backup-vault"},
		"a function was left": {on("lambda.GET configuration", says(200, `{}`)), leadsThere, "names of functions", "infocig-dev-message", "delete-function"},
		"not confirmed":       {after("sns.ListSubscriptionsByTopic", says(200, subscriptionsXML("email", "infocig-dev@example.org", "PendingConfirmation"))), leadsThere, "alarm e-mail", "has not confirmed", "Subscription Confirmation"},
		"not confirmed for CloudFront": {after("sns.ListSubscriptionsByTopic", func(c call) reply {
			arn := map[bool]string{true: "PendingConfirmation", false: "arn:aws:sns:x"}[strings.Contains(c.about, "us-east-1")]
			return reply{200, subscriptionsXML("email", "infocig-dev@example.org", arn)}
		}), leadsThere, "alarm e-mail us-east-1", "has not confirmed", "Subscription Confirmation"},
		"somebody else is told":      {after("sns.ListSubscriptionsByTopic", says(200, subscriptionsXML("email", "other@example.org", "arn:aws:sns:x"))), leadsThere, "alarm e-mail", "is not subscribed", "aws sns subscribe"},
		"the topic is gone":          {after("sns.ListSubscriptionsByTopic", func(call) reply { return refused(404, "NotFound") }), leadsThere, "alarm e-mail", "gone", "deploy again"},
		"the domain is not there":    {deployedStacks("UPDATE_COMPLETE"), world{}, "dns", "does not lead to d111.cloudfront.net", "CNAME d111.cloudfront.net."},
		"the domain leads elsewhere": {deployedStacks("UPDATE_COMPLETE"), world{names: map[string][]string{"chat.example.org": {"chat.example.org", "203.0.113.9"}, "d111.cloudfront.net": {"d111.cloudfront.net", "198.51.100.1"}}}, "dns", "does not lead", "CNAME d111.cloudfront.net."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := newStub(t, test.answers).ask(t, test.outside)
			at := regexp.MustCompile(`(?m)^FAILED +` + regexp.QuoteMeta(test.line) + ` .*\n(?: +→ .*\n)*`).FindString(out)
			if err == nil || !strings.Contains(at, test.said) || !strings.Contains(at[strings.Index(at, "→")+1:], test.todo) {
				t.Errorf("%v, want %q and %q of %s:\n%s", err, test.said, test.todo, test.line, out)
			}
		})
	}
}

// TestWhatMayNotBeAskedIsUnknown: whatever question AWS refuses, the answer is not ok.
func TestWhatMayNotBeAskedIsUnknown(t *testing.T) {
	all := newStub(t, nil).usual()
	all["sns.ListSubscriptionsByTopic"] = nil
	delete(all, "sts.GetCallerIdentity") // everybody may ask who they are
	for action := range maps.Keys(all) {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			answers := deployedStacks("UPDATE_COMPLETE")
			answers[action] = func(call) reply { return refused(403, "AccessDeniedException") }
			out, err := newStub(t, answers).ask(t, leadsThere)
			service, _, _ := strings.Cut(action, ".")
			if err != nil || !regexp.MustCompile(`(?m)^unknown .*AccessDenied.*\n +→ let them do .*`+service).MatchString(out) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestNoCredentialsNoAnswers: nothing else is asked of the account, and nothing of it is ok.
func TestNoCredentialsNoAnswers(t *testing.T) {
	out, err := newStub(t, map[string]func(call) reply{"sts.GetCallerIdentity": says(200, identityXML("999988887777"))}).ask(t, leadsThere)
	if err == nil || !strings.Contains(out, "preflight: 4 ok, 1 failed") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestAnIssuerThatIsNotReachedIsUnknown: AWS may reach what this machine does not.
func TestAnIssuerThatIsNotReachedIsUnknown(t *testing.T) {
	out, err := newStub(t, nil).ask(t, world{silent: true})
	if err != nil || !strings.Contains(out, "0 failed, 3 unknown") || !regexp.MustCompile(`(?m)^unknown +issuer myinps .*refused`).MatchString(out) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestWhatIsMeantIsAccepted: by its name, and nothing else.
func TestWhatIsMeantIsAccepted(t *testing.T) {
	theirs := map[string]func(call) reply{"apigateway.GET account": says(200, `{"cloudwatchRoleArn":"arn:aws:iam::222233334444:role/theirs"}`)}
	if out, err := newStub(t, theirs).ask(t, leadsThere, "logs of API Gateway"); err != nil || !strings.Contains(out, "accepted  logs of API Gateway") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := newStub(t, theirs).ask(t, leadsThere, "dns"); err == nil {
		t.Errorf("another name accepted it:\n%s", out)
	}
	if _, err := newStub(t, nil).ask(t, leadsThere, "everything"); err == nil || !strings.Contains(err.Error(), "no such line") {
		t.Errorf("no name: %v", err)
	}
}

// namedElsewhere are the types with names of their own that are no leftovers: they go with their stack, or
// what makes them replaces one of that name.
var namedElsewhere = []string{
	"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::Budgets::Budget", "AWS::CloudFront::CachePolicy", "AWS::CloudFront::Distribution",
	"AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::ResponseHeadersPolicy", "AWS::CloudFront::Function", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard",
	"AWS::Logs::Delivery", "AWS::Logs::DeliveryDestination", "AWS::Logs::DeliverySource", "AWS::Scheduler::Schedule", "AWS::WAFv2::WebACL",
}

// TestEveryNameOfTheStacksIsAskedFor: what the templates give a name to is in the list.
func TestEveryNameOfTheStacksIsAskedFor(t *testing.T) {
	v, err := owner.Read(owner.Dev, "../infra/owner/dev.json")
	must(t, err)
	var asked []string
	for _, k := range newPreflight(installation{stage: owner.Dev, values: v}).kinds() {
		for _, name := range k.names {
			asked = append(asked, k.region+" "+name)
		}
	}
	files, err := filepath.Glob("../infra/stacks/testdata/*.template.json")
	must(t, err)
	seen := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		must(t, err)
		var template struct {
			Resources map[string]struct {
				Type       string
				Properties map[string]any
			}
		}
		must(t, json.Unmarshal(raw, &template))
		for id, r := range template.Resources {
			for property, value := range r.Properties {
				name, plain := value.(string)
				if !plain || !strings.HasSuffix(property, "Name") || !strings.Contains(name, "infocig-dev-") || slices.Contains(namedElsewhere, r.Type) {
					continue
				}
				region := v.Region
				if strings.Contains(file, "-edge.") || strings.Contains(file, "-global.") {
					region = global
				}
				seen++
				if !slices.Contains(asked, region+" "+name) {
					t.Errorf("%s: %s of %s is called %s, which preflight does not ask for in %s", filepath.Base(file), id, r.Type, name, region)
				}
			}
		}
	}
	if seen < len(asked) {
		t.Errorf("preflight asks for %d names, the templates have %d: %v", len(asked), seen, asked)
	}
}

// TestPreflightOfAServer asks a server that is not AWS's: what it knows is answered, and the rest is not ok.
func TestPreflightOfAServer(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	raw, err := os.ReadFile(owner.File(owner.Dev))
	must(t, err)
	file := filepath.Join(t.TempDir(), "owner.json")
	must(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(raw), "111122223333", "123456789012")), 0o600))
	line := func(want ...string) {
		t.Helper()
		_, out, err := a.ops("", "preflight", "--owner", file)
		if err == nil {
			t.Error("an account without a certificate is ready")
		}
		for _, w := range want {
			if !regexp.MustCompile(`(?m)^` + w).MatchString(out) {
				t.Errorf("want %q in\n%s", w, out)
			}
		}
	}
	line("ok +credentials", "unknown +region", "FAILED +bootstrap eu-south-1", "FAILED +certificate +there is none", "ok +token of Linea INPS", "FAILED +issuer myinps",
		"ok +logs of API Gateway", "ok +stacks +0 of", "ok +names of tables", "ok +names of queues", "ok +names of secrets", "ok +names of the key", "ok +names of the alarms' topic", "ok +names of log groups", "ok +names of functions", "ok +dns")

	a.install()
	logs := cloudwatchlogs.NewFromConfig(a.cfg)
	_, err = logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/aws/lambda/infocig-dev-sweep")})
	must(t, err)
	_, err = secretsmanager.NewFromConfig(a.cfg).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("infocig-dev-fiscal-key"), SecretString: aws.String("x")})
	must(t, err)
	parameters := a.cfg.Copy()
	for _, region := range []string{"eu-south-1", global} {
		parameters.Region = region
		_, err = ssm.NewFromConfig(parameters).PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/cdk-bootstrap/hnb659fds/version"), Value: aws.String("28"), Type: "String"})
		must(t, err)
	}
	made, err := acm.NewFromConfig(parameters).RequestCertificate(t.Context(), &acm.RequestCertificateInput{DomainName: aws.String("infocig-dev.example.org"), ValidationMethod: "DNS"})
	must(t, err)
	must(t, os.WriteFile(file, []byte(regexp.MustCompile(`arn:aws:acm[^"]*`).ReplaceAllString(strings.ReplaceAll(string(raw), "111122223333", "123456789012"), *made.CertificateArn)), 0o600))
	line("ok +bootstrap us-east-1 +version 28", "FAILED +certificate +it waits for its validation", "ok +stacks +2 of", "ok +names of tables", "ok +names of queues", "ok +names of the key",
		"FAILED +names of log groups .*infocig-dev-sweep", "FAILED +names of secrets .*infocig-dev-fiscal-key")
}
