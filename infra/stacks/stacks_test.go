package stacks_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"infocig/infra/owner"
	"infocig/infra/stacks"
	"infocig/infra/topology"
	"infocig/shared/app/env"
	"infocig/shared/table"
	"infocig/shared/table/dynamo"
)

var update = flag.Bool("update", false, "write the golden templates")

// TestGoldenTemplates shows a reviewer what a change does to the deployment.
func TestGoldenTemplates(t *testing.T) {
	_, out := synthesize(t, owner.Dev, nil)
	files, err := filepath.Glob(filepath.Join(out, "*.template.json"))
	must(t, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		must(t, err)
		golden := filepath.Join("testdata", filepath.Base(file))
		if *update {
			must(t, os.WriteFile(golden, raw, 0o600))
		}
		want, err := os.ReadFile(golden)
		must(t, err)
		same(t, golden+" (go test ./infra/stacks -update writes it)", string(raw), string(want))
	}
	kept, err := filepath.Glob("testdata/*.template.json")
	must(t, err)
	same(t, "stacks", len(files), len(kept))
}

// TestSynthesizedTwiceIsTheSame: an order that Go leaves open would be a change to deploy.
func TestSynthesizedTwiceIsTheSame(t *testing.T) {
	_, first := synthesize(t, owner.Prod, nil)
	p := stacks.Props{Stage: owner.Prod, Release: topology.NoRelease}
	var err error
	p.Owner, err = owner.Read(owner.Dev, "../owner/dev.json")
	must(t, err)
	for range 4 {
		again := assemble(t, p)
		files, err := filepath.Glob(filepath.Join(first, "*.template.json"))
		must(t, err)
		for _, file := range files {
			want, err := os.ReadFile(file)
			must(t, err)
			got, err := os.ReadFile(filepath.Join(again, filepath.Base(file)))
			must(t, err)
			same(t, filepath.Base(file), string(got), string(want))
		}
		must(t, os.RemoveAll(filepath.Dir(again)))
	}
}

func TestFunctions(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, nil)
	seen := map[topology.Function]bool{}
	for stack, functions := range functionsOf {
		tpl := all[stack]
		roles := map[string]bool{}
		for _, f := range functions {
			seen[f] = true
			id := strings.ToUpper(string(f[:1])) + string(f[1:])
			fn, ok := tpl.Resources[id]
			if !ok || fn.Type != "AWS::Lambda::Function" {
				t.Fatalf("%s has no function %s", stack, id)
			}
			same(t, id+" architecture", fn.at("Architectures"), any([]any{"arm64"}))
			same(t, id+" runtime", fn.at("Runtime"), any("provided.al2023"))
			same(t, id+" handler", fn.at("Handler"), any("bootstrap"))
			same(t, id+" tracing", fn.at("TracingConfig", "Mode"), any("Active"))
			same(t, id+" timeout", fn.at("Timeout"), any(float64(topology.TimeoutOf(f))))
			same(t, id+" concurrency", fn.at("ReservedConcurrentExecutions"), nil)
			same(t, id+" says its release", fn.at("Description"), any("INFO CIG: functions/"+string(f)+", release none"))
			variables, _ := fn.at("Environment", "Variables").(map[string]any)
			var want []string
			for _, name := range f.Set() {
				want = append(want, string(name))
			}
			slices.Sort(want)
			same(t, id+" variables", slices.Sorted(maps.Keys(variables)), want)
			role := fn.text("Role")
			if roles[role] {
				t.Errorf("%s shares its role", id)
			}
			roles[role] = true
			log := tpl.Resources[id+"Log"+suffix(t, tpl, id+"Log")]
			same(t, id+" writes its own log", fn.at("LoggingConfig", "LogGroup"), ref(log.id))
			same(t, id+" log", []any{log.at("LogGroupName"), log.at("RetentionInDays"), log.at("KmsKeyId") != nil}, []any{"/aws/lambda/infocig-dev-" + string(f), 30.0, true})
			canary(t, tpl, fn)
		}
	}
	same(t, "functions of all stacks", len(seen), len(topology.Functions))
}

// suffix returns what the CDK adds to the id of a construct.
func suffix(t *testing.T, tpl template, id string) string {
	t.Helper()
	for full := range tpl.Resources {
		if s, ok := strings.CutPrefix(full, id); ok && regexp.MustCompile(`^[0-9A-F]{8}$`).MatchString(s) {
			return s
		}
	}
	t.Fatalf("nothing is called %s", id)
	return ""
}

// canary checks that a function is reached by an alias whose new version gets a
// tenth of the calls for five minutes, and goes back if they fail.
func canary(t *testing.T, tpl template, fn resource) {
	t.Helper()
	for _, alias := range tpl.of("AWS::Lambda::Alias") {
		if alias.at("FunctionName").(map[string]any)["Ref"] != fn.id {
			continue
		}
		for _, p := range tpl.of("AWS::Lambda::Permission") {
			if strings.Contains(p.text("FunctionName"), `"`+fn.id+`"`) {
				t.Errorf("%s can be called past its alias", fn.id)
			}
		}
		deploy, _ := alias.UpdatePolicy["CodeDeployLambdaAliasUpdate"].(map[string]any)
		if !topology.Function(strings.ToLower(fn.id)).Canary() {
			same(t, fn.id+" moves at once", len(deploy), 0)
			return
		}
		group := tpl.Resources[deploy["DeploymentGroupName"].(map[string]any)["Ref"].(string)]
		same(t, fn.id+" moves", group.at("DeploymentConfigName"), any("CodeDeployDefault.LambdaCanary10Percent5Minutes"))
		same(t, fn.id+" goes back", group.at("AutoRollbackConfiguration"), any(map[string]any{
			"Enabled": true, "Events": []any{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"},
		}))
		same(t, fn.id+" is called before people call it", deploy["BeforeAllowTrafficHook"], any("infocig-dev-rehearse"))
		same(t, fn.id+" is what its group is called", group.at("DeploymentGroupName"), fn.at("FunctionName"))
		alarms := group.at("AlarmConfiguration", "Alarms").([]any)
		alarm := tpl.Resources[alarms[0].(map[string]any)["Name"].(map[string]any)["Ref"].(string)]
		same(t, fn.id+" on this alarm", []any{alarm.at("MetricName"), alarm.at("Threshold")}, []any{"Errors", 1.0})
		return
	}
	t.Errorf("%s has no alias", fn.id)
}

func TestSocketRoutes(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, nil)
	tpl := all["socket"]
	routes, responses := map[string]topology.SocketRoute{}, map[string]bool{}
	for _, r := range tpl.of("AWS::ApiGatewayV2::RouteResponse") {
		responses[r.at("RouteId").(map[string]any)["Ref"].(string)] = true
	}
	for _, r := range tpl.of("AWS::ApiGatewayV2::Route") {
		key := r.at("RouteKey").(string)
		routes[key] = topology.SocketRoute{Function: behind(t, tpl, r), Response: responses[r.id]}
		want := "NONE"
		if key == "$connect" {
			want = "CUSTOM"
		}
		same(t, key+" authorization", r.at("AuthorizationType"), any(want))
	}
	same(t, "routes", routes, topology.Socket)
	authorizer := tpl.one(t, "AWS::ApiGatewayV2::Authorizer")
	same(t, "authorizer", []any{authorizer.at("AuthorizerType"), authorizer.at("IdentitySource")}, []any{"REQUEST", []any{topology.SocketIdentitySource}})
	if authorizer.at("AuthorizerResultTtlInSeconds") != nil {
		t.Error("a ticket is good for one socket: the answer must not be kept")
	}
	if !strings.Contains(authorizer.text("AuthorizerUri"), `{"Ref":"AuthorizeAliaslive`) {
		t.Errorf("it asks %s", authorizer.text("AuthorizerUri"))
	}
	stage := tpl.one(t, "AWS::ApiGatewayV2::Stage")
	same(t, "stage", []any{stage.at("StageName"), stage.at("AutoDeploy")}, []any{topology.Stage, true})
	same(t, "throttling", stage.at("DefaultRouteSettings"), any(map[string]any{
		"DetailedMetricsEnabled": false, "ThrottlingBurstLimit": 1000.0, "ThrottlingRateLimit": 2000.0,
	}))
	accessLog(t, stage)
}

// behind returns the function that an integration leads to, which must be an alias.
func behind(t *testing.T, tpl template, route resource) topology.Function {
	t.Helper()
	id := regexp.MustCompile(`"integrations/",\{"Ref":"(\w+)"\}`).FindStringSubmatch(route.text("Target"))
	if id == nil {
		t.Fatalf("%s leads to %s", route.id, route.text("Target"))
	}
	alias := regexp.MustCompile(`\{"Ref":"(\w+)Aliaslive\w+"\}`).FindStringSubmatch(tpl.Resources[id[1]].text("IntegrationUri"))
	if alias == nil {
		t.Fatalf("%s leads to no alias: %s", route.id, tpl.Resources[id[1]].text("IntegrationUri"))
	}
	return topology.Function(strings.ToLower(alias[1]))
}

// accessLog checks that a line is written for each request, and that it has
// nothing of the query string or path: tickets and ids are there.
func accessLog(t *testing.T, stage resource) {
	t.Helper()
	format, _ := stage.at("AccessLogSettings", "Format").(string)
	if !json.Valid([]byte(format)) || !strings.Contains(format, "$context.status") {
		t.Errorf("access log: %s", format)
	}
	for _, secret := range []string{"uery", "path", "$context.authorizer", "identity", "header"} {
		if strings.Contains(format, secret) {
			t.Errorf("the access log has %s: %s", secret, format)
		}
	}
}

func TestHTTPRoutes(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, nil)
	tpl := all["http"]
	doors := map[string]string{} // by authorizer
	for _, a := range tpl.of("AWS::ApiGatewayV2::Authorizer") {
		same(t, "authorizer", []any{a.at("AuthorizerType"), a.at("IdentitySource"), a.at("JwtConfiguration")}, []any{
			"JWT", []any{"$request.header.Authorization"},
			map[string]any{"Audience": []any{"infocig"}, "Issuer": "https://login.example.org/" + a.at("Name").(string)},
		})
		doors[a.id] = a.at("Name").(string)
	}
	stage := tpl.one(t, "AWS::ApiGatewayV2::Stage")
	rates, _ := stage.at("RouteSettings").(map[string]any)
	ids, routes := map[string]string{}, map[string]topology.HTTPRoute{}
	for _, r := range tpl.of("AWS::ApiGatewayV2::Route") {
		key, route := r.at("RouteKey").(string), topology.HTTPRoute{Function: behind(t, tpl, r)}
		ids[key] = r.id
		if a, ok := r.at("AuthorizerId").(map[string]any); ok {
			route.Door = doors[a["Ref"].(string)]
			same(t, r.id, r.at("AuthorizationType"), any("JWT"))
		}
		if set, ok := rates[key].(map[string]any); ok {
			route.Rate = int(set["ThrottlingRateLimit"].(float64))
			same(t, "at once, and counted, on "+key, set, map[string]any{
				"DetailedMetricsEnabled": false, "ThrottlingBurstLimit": float64(route.Rate), "ThrottlingRateLimit": float64(route.Rate),
			})
		}
		routes[key] = route
	}
	same(t, "routes", routes, topology.HTTP)
	same(t, "other origins", tpl.one(t, "AWS::ApiGatewayV2::Api").at("CorsConfiguration"), any(map[string]any{
		"AllowOrigins": []any{"https://infocig-dev.example.org"}, "AllowHeaders": []any{"authorization", "content-type"},
		"AllowMethods": []any{"GET", "POST", "PUT"}, "MaxAge": 3600.0,
	}))
	same(t, "stage", []any{stage.at("StageName"), stage.at("DefaultRouteSettings", "ThrottlingRateLimit")}, []any{"$default", 500.0})
	same(t, "who asks whether the chat is open takes nothing from who gets a ticket",
		[]any{rates["GET /v1/availability"] != nil, rates["POST /v1/tickets"] != nil}, []any{true, true})
	for key := range rates {
		if !slices.Contains(stage.DependsOn, ids[key]) {
			t.Errorf("the rate of %s is set, it may be, before the route is there", key)
		}
	}
	accessLog(t, stage)
}

func TestData(t *testing.T) {
	for stage, production := range map[owner.Stage]bool{owner.Dev: false, owner.Prod: true} {
		all, out := synthesize(t, stage, nil)
		tpl := all["data"]
		tables := tpl.of("AWS::DynamoDB::Table")
		same(t, "tables", len(tables), 2)
		key := tpl.one(t, "AWS::KMS::Key")
		same(t, "the key is renewed", key.at("EnableKeyRotation"), any(true))
		for _, each := range tables {
			same(t, "keys", each.at("KeySchema"), any([]any{
				map[string]any{"AttributeName": dynamo.PartitionKey, "KeyType": "HASH"}, map[string]any{"AttributeName": dynamo.SortKey, "KeyType": "RANGE"},
			}))
			same(t, "time to live", each.at("TimeToLiveSpecification"), any(map[string]any{"AttributeName": table.Expires, "Enabled": true}))
			same(t, "recovery", each.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"), any(true))
			same(t, "billing", each.at("BillingMode"), any("PAY_PER_REQUEST"))
			same(t, "encryption", each.at("SSESpecification"), any(map[string]any{"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": arn(key.id)}))
			same(t, "cannot be deleted", each.at("DeletionProtectionEnabled"), any(production))
		}
		ledger, table := tables[0], tables[1]
		same(t, "names", []any{table.at("TableName"), ledger.at("TableName")}, []any{"infocig-" + string(stage) + "-table", "infocig-" + string(stage) + "-table-ledger"})
		same(t, "warm for the bell", table.at("WarmThroughput"), any(map[string]any{"ReadUnitsPerSecond": 24000.0, "WriteUnitsPerSecond": 8000.0}))
		for _, r := range append([]resource{table, ledger, key}, tpl.of("AWS::SecretsManager::Secret")...) {
			same(t, string(stage)+" "+r.id+" outlives its stack", r.DeletionPolicy == "RetainExceptOnCreate", production)
		}
		manifest, err := os.ReadFile(filepath.Join(out, "manifest.json"))
		must(t, err)
		same(t, "stacks cannot be deleted", strings.Count(string(manifest), `"terminationProtection": true`), map[bool]int{true: 10, false: 0}[production])
	}
}

func TestARestoredTableTakesThePlace(t *testing.T) {
	all, _ := synthesize(t, owner.Prod, func(v *owner.Values) { v.RestoredTable = "infocig-prod-table-2" })
	same(t, "tables that are made, as before", len(all["data"].of("AWS::DynamoDB::Table")), 2)
	same(t, "what functions use", all["socket"].Resources["Message"].at("Environment", "Variables", string(env.Table)), any("infocig-prod-table-2"))
}

func TestSecrets(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, nil)
	made := all["data"].of("AWS::SecretsManager::Secret")
	same(t, "made", len(made), len(env.Secrets))
	for _, s := range made {
		if s.at("GenerateSecretString") == nil || s.at("SecretString") != nil || s.at("KmsKeyId") == nil {
			t.Errorf("%s is not random, or not ours to encrypt", s.id)
		}
	}
	const token, signing = "arn:aws:secretsmanager:eu-south-1:111122223333:secret:linea-token-AbCdEf", "arn:aws:secretsmanager:eu-south-1:111122223333:secret:linea-signing-AbCdEf"
	all, _ = synthesize(t, owner.Prod, func(v *owner.Values) { v.Linea.TokenSecret, v.Linea.SigningSecret = token, signing })
	same(t, "made beside the owner's", len(all["data"].of("AWS::SecretsManager::Secret")), len(env.Secrets)-2)
	same(t, "the token of Linea INPS", all["jobs"].Resources["Escalate"].at("Environment", "Variables", string(env.LineaToken)), any(token))
	same(t, "its signature", all["http"].Resources["Webhook"].at("Environment", "Variables", string(env.LineaSecret)), any(signing))
}

func TestMessaging(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, nil)
	queues := all["messaging"].of("AWS::SQS::Queue")
	same(t, "queues", len(queues), 2)
	dead, work := queues[0], queues[1]
	same(t, "names", []any{dead.at("QueueName"), work.at("QueueName")}, []any{"infocig-dev-" + topology.DeadLetter, "infocig-dev-" + topology.Queue})
	same(t, "dead letters", work.at("RedrivePolicy"), any(map[string]any{"deadLetterTargetArn": arn(dead.id), "maxReceiveCount": float64(topology.MaxReceive)}))
	same(t, "visibility", work.at("VisibilityTimeout"), any(float64(topology.Visibility)))
	same(t, "kept", dead.at("MessageRetentionPeriod"), any(float64(topology.DeadDays*24*3600)))
	tls := map[string]bool{}
	for _, p := range all["messaging"].of("AWS::SQS::QueuePolicy") {
		if strings.Contains(p.text("PolicyDocument"), `"aws:SecureTransport":"false"`) && strings.Contains(p.text("PolicyDocument"), `"Effect":"Deny"`) {
			tls[p.at("Queues").([]any)[0].(map[string]any)["Ref"].(string)] = true
		}
	}
	for _, q := range queues {
		if !tls[q.id] || q.at("KmsMasterKeyId") == nil {
			t.Errorf("%s takes what is not encrypted", q.id)
		}
	}
	consumer := all["jobs"].one(t, "AWS::Lambda::EventSourceMapping")
	same(t, "consumer", []any{consumer.at("BatchSize"), consumer.at("FunctionResponseTypes")}, []any{float64(topology.BatchSize), []any{"ReportBatchItemFailures"}})
	if !strings.Contains(consumer.text("FunctionName"), "EscalateAliaslive") {
		t.Errorf("the queue leads to %s", consumer.text("FunctionName"))
	}
}

func TestSchedules(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, nil)
	tpl := all["jobs"]
	made := tpl.of("AWS::Scheduler::Schedule")
	same(t, "schedules", len(made), len(topology.Schedules))
	for _, c := range topology.Schedules {
		for _, s := range made {
			if s.at("Name") != any("infocig-dev-"+string(c.Function)) {
				continue
			}
			same(t, s.id, []any{s.at("ScheduleExpression"), s.at("ScheduleExpressionTimezone"), s.at("State"), s.at("Target", "RetryPolicy", "MaximumRetryAttempts")},
				[]any{c.Expression(), "Europe/Rome", "ENABLED", 0.0})
			input, err := json.Marshal(c.Event)
			must(t, err)
			same(t, s.id+" says", s.at("Target", "Input"), any(string(input)))
			if !strings.Contains(s.text("Target", "Arn"), strings.ToUpper(string(c.Function[:1]))+string(c.Function[1:])+"Aliaslive") {
				t.Errorf("%s calls %s", s.id, s.text("Target", "Arn"))
			}
		}
	}
	same(t, "how long conversations are kept", tpl.Resources["Retain"].at("Environment", "Variables", "CONVERSATION_DAYS"), any("730"))
	retain := slices.IndexFunc(topology.Schedules, func(c topology.Schedule) bool { return c.Function == topology.Retain })
	same(t, "nobody is there", strings.HasPrefix(topology.Schedules[retain].At, "cron(30 3 "), true)
}

func TestWeb(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, nil)
	tpl := all["web"]
	for _, b := range tpl.of("AWS::S3::Bucket") {
		same(t, b.id+" is private", b.at("PublicAccessBlockConfiguration"), any(map[string]any{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		}))
	}
	for _, p := range tpl.of("AWS::S3::BucketPolicy") {
		if !strings.Contains(p.text("PolicyDocument"), `"aws:SecureTransport":"false"`) {
			t.Errorf("%s takes what is not encrypted", p.id)
		}
		if strings.Contains(p.text("PolicyDocument"), "s3:GetObject") && !strings.Contains(p.text("PolicyDocument"), `"AWS:SourceArn"`) {
			t.Errorf("%s lets more than this distribution read", p.id)
		}
	}
	cdn := tpl.one(t, "AWS::CloudFront::Distribution")
	config := func(path ...string) any { return cdn.at(append([]string{"DistributionConfig"}, path...)...) }
	same(t, "origin access control", len(tpl.of("AWS::CloudFront::OriginAccessControl")), 1)
	same(t, "tls", config("ViewerCertificate", "MinimumProtocolVersion"), any("TLSv1.2_2021"))
	same(t, "domain", config("Aliases"), any([]any{"infocig-dev.example.org"}))
	same(t, "http", config("DefaultCacheBehavior", "ViewerProtocolPolicy"), any("redirect-to-https"))
	same(t, "logs of the kind that does not go to this region", config("Logging"), nil)
	policies := map[string]resource{}
	for _, r := range tpl.of("AWS::CloudFront::ResponseHeadersPolicy") {
		policies[strings.TrimRight(r.id, "0123456789ABCDEF")] = r
	}
	headers, answers := policies["PageHeaders"], policies["ApiHeaders"]
	at := func(path ...string) any {
		return headers.at(append([]string{"ResponseHeadersPolicyConfig"}, path...)...)
	}
	same(t, "they are sent with pages", config("DefaultCacheBehavior", "ResponseHeadersPolicyId"), ref(headers.id))
	same(t, "hsts", at("SecurityHeadersConfig", "StrictTransportSecurity"), any(map[string]any{"AccessControlMaxAgeSec": 63072000.0, "IncludeSubdomains": true, "Override": true}))
	want := topology.PageHeaders("wss://SOCKET.execute-api.eu-south-1.amazonaws.com", "https://login.example.org")
	policy := regexp.MustCompile(`",\{"Fn::GetStackOutput":\{"OutputName":"SocketId","StackName":"infocig-dev-socket"\}\},"`).ReplaceAllString(headers.text("ResponseHeadersPolicyConfig", "SecurityHeadersConfig", "ContentSecurityPolicy", "ContentSecurityPolicy"), "SOCKET")
	same(t, "content security policy", policy, `{"Fn::Join":["",["`+want["Content-Security-Policy"]+`"]]}`)
	same(t, "referrer", at("SecurityHeadersConfig", "ReferrerPolicy", "ReferrerPolicy"), any(want["Referrer-Policy"]))
	same(t, "sniffing", at("SecurityHeadersConfig", "ContentTypeOptions"), any(map[string]any{"Override": true}))
	custom := func(headers map[string]string, names ...string) any {
		var all []any
		for _, name := range names {
			all = append(all, map[string]any{"Header": name, "Value": headers[name], "Override": true})
		}
		return all
	}
	same(t, "others", at("CustomHeadersConfig", "Items"), custom(want, "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy"))
	same(t, "headers that are checked here", len(want), 6)
	api := config("CacheBehaviors").([]any)[0].(map[string]any)
	same(t, "headers of the API", api["ResponseHeadersPolicyId"], ref(answers.id))
	at = func(path ...string) any {
		return answers.at(append([]string{"ResponseHeadersPolicyConfig"}, path...)...)
	}
	same(t, "hsts of the API", at("SecurityHeadersConfig", "StrictTransportSecurity"), any(map[string]any{"AccessControlMaxAgeSec": 63072000.0, "IncludeSubdomains": true, "Override": true}))
	same(t, "sniffing in the API", at("SecurityHeadersConfig", "ContentTypeOptions"), any(map[string]any{"Override": true}))
	same(t, "others of the API", at("CustomHeadersConfig", "Items"), custom(topology.APIHeaders(), "Cache-Control", "Cross-Origin-Resource-Policy", "Permissions-Policy"))
	same(t, "the API is not cached", []any{api["PathPattern"], api["CachePolicyId"]}, []any{"/v1/*", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"})
}

func TestWAFIsTheOwnersChoice(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, func(v *owner.Values) { v.WAF = "on" })
	same(t, "web ACL", all["web"].one(t, "AWS::CloudFront::Distribution").at("DistributionConfig", "WebACLId"), any(map[string]any{"Fn::GetStackOutput": map[string]any{
		"StackName": "infocig-dev-global", "OutputName": "WebAclArn", "Region": "us-east-1",
	}}))
	acl := all["global"].one(t, "AWS::WAFv2::WebACL")
	same(t, "scope", acl.at("Scope"), any("CLOUDFRONT"))
	if !strings.Contains(acl.text("Rules"), "RateBasedStatement") {
		t.Error("it has no limit for one address")
	}
	all, _ = synthesize(t, owner.Dev, nil)
	same(t, "switched off", len(all["global"].of("AWS::WAFv2::WebACL")), 0)
	same(t, "and not used", all["web"].one(t, "AWS::CloudFront::Distribution").at("DistributionConfig", "WebACLId"), nil)
}

func TestOutputs(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, nil)
	for stack, names := range map[string][]string{
		"data": {"TableName", "LedgerName"}, "messaging": {"QueueName", "DeadLetterQueueName"}, "socket": {"SocketUrl", "SocketId"}, "http": {"HttpUrl"},
		"web": {"PagesBucket", "LogsBucket", "DistributionId", "DistributionDomain", "PagesUrl"}, "ops": {"AlarmTopic"}, "edge": {"AlarmTopic"},
	} {
		for _, name := range names {
			if _, ok := all[stack].Outputs[name]; !ok {
				t.Errorf("%s has no output %s", stack, name)
			}
		}
	}
}

// TestReservations: an account that runs ten functions at once cannot reserve
// any, and nothing nears a limit that is not there.
func TestReservations(t *testing.T) {
	all, _ := synthesize(t, owner.Prod, func(v *owner.Values) { v.Concurrency = owner.Reserved })
	for stack, functions := range functionsOf {
		for _, f := range functions {
			fn := all[stack].Resources[strings.ToUpper(string(f[:1]))+string(f[1:])]
			same(t, string(f), fn.at("ReservedConcurrentExecutions"), any(float64(topology.ConcurrencyOf(f))))
		}
	}
	all, _ = synthesize(t, owner.Dev, nil)
	for _, a := range all["ops"].of("AWS::CloudWatch::Alarm") {
		if strings.Contains(a.at("AlarmName").(string), "concurrency") {
			t.Errorf("%s has no limit to look at", a.at("AlarmName"))
		}
	}
}

// TestTheFunctionsVerifyAlone: where API Gateway cannot read an issuer's discovery
// document, no route has an authorizer.
func TestTheFunctionsVerifyAlone(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, func(v *owner.Values) { v.GatewayAuthorizers = "off" })
	same(t, "authorizers", len(all["http"].of("AWS::ApiGatewayV2::Authorizer")), 0)
	for _, r := range all["http"].of("AWS::ApiGatewayV2::Route") {
		same(t, r.id, r.at("AuthorizationType"), any("NONE"))
	}
}

// TestLogsOfTheEdge: they say nothing of who asked for what.
func TestLogsOfTheEdge(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, nil)
	fields := all["edge"].one(t, "AWS::Logs::Delivery").text("RecordFields")
	for _, personal := range []string{"c-ip", "x-forwarded-for", "cs-uri", "Cookie", "Referer", "User-Agent", "c-port"} {
		if strings.Contains(fields, personal) {
			t.Errorf("%s is in %s", personal, fields)
		}
	}
	same(t, "bucket", all["edge"].one(t, "AWS::Logs::DeliveryDestination").at("DestinationResourceArn"), any(map[string]any{"Fn::Join": []any{"", []any{
		"arn:aws:s3:::", map[string]any{"Fn::GetStackOutput": map[string]any{"StackName": "infocig-dev-web", "OutputName": "LogsBucket", "Region": "eu-south-1"}},
	}}}))
	for _, p := range all["web"].of("AWS::S3::BucketPolicy") {
		if strings.Contains(p.text("Bucket"), "Logs") && !strings.Contains(p.text("PolicyDocument"), `"Service":"delivery.logs.amazonaws.com"`) {
			t.Errorf("the logs cannot be delivered: %s", p.text("PolicyDocument"))
		}
	}
}

// TestDetailsAreTheOwnersChoice: each route has numbers of its own, which cost money.
func TestDetailsAreTheOwnersChoice(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, func(v *owner.Values) { v.DetailedMetrics = "on" })
	for _, stack := range []string{"socket", "http"} {
		same(t, stack, all[stack].one(t, "AWS::ApiGatewayV2::Stage").at("DefaultRouteSettings", "DetailedMetricsEnabled"), any(true))
	}
}

// TestWithoutACanary moves every alias at once.
func TestWithoutACanary(t *testing.T) {
	all, _ := synthesizeProps(t, stacks.Props{Stage: owner.Dev, AtOnce: true, Release: "abc"}, nil)
	for stack, functions := range functionsOf {
		groups := all[stack].of("AWS::CodeDeploy::DeploymentGroup")
		same(t, stack, len(groups), len(slices.DeleteFunc(slices.Clone(functions), func(f topology.Function) bool { return !f.Canary() })))
		for _, g := range groups {
			same(t, g.id, g.at("DeploymentConfigName"), any("CodeDeployDefault.LambdaAllAtOnce"))
		}
	}
	same(t, "release", all["jobs"].Resources["Sweep"].at("Description"), any("INFO CIG: functions/sweep, release abc"))
}

// TestBackupsGoToAnotherAccount, where the owner has one.
func TestBackupsGoToAnotherAccount(t *testing.T) {
	const there = "arn:aws:backup:eu-south-1:444455556666:backup-vault:infocig"
	all, _ := synthesize(t, owner.Prod, func(v *owner.Values) { v.BackupVaultARN = there })
	rule := all["data"].one(t, "AWS::Backup::BackupPlan").at("BackupPlan", "BackupPlanRule").([]any)[0].(map[string]any)
	same(t, "copies", rule["CopyActions"], any([]any{map[string]any{"DestinationBackupVaultArn": there, "Lifecycle": map[string]any{"DeleteAfterDays": 35.0}}}))
	same(t, "kept", rule["Lifecycle"], any(map[string]any{"DeleteAfterDays": 35.0}))
	selected := all["data"].one(t, "AWS::Backup::BackupSelection").text("BackupSelection", "Resources")
	if !strings.Contains(selected, "Table") || strings.Contains(selected, "Ledger") {
		t.Errorf("backed up: %s", selected)
	}
	all, _ = synthesize(t, owner.Prod, nil)
	same(t, "plans without a vault of another account", len(all["data"].of("AWS::Backup::BackupPlan")), 0)
}
