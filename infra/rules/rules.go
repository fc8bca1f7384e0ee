package rules

import (
	"fmt"
	"slices"
	"strings"
)

// A Rule is something that a template must not have. Check returns what it has all
// the same, a line each.
type Rule struct {
	Name   string
	Source string
	Check  func(Assembly) []string
}

// Rules are all that every assembly is held against.
var Rules = []Rule{
	{"a distribution has no logs of the first kind, which do not go to regions that an account opts into",
		"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html", legacyLogs},
	{"logs of CloudFront are delivered from us-east-1",
		"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html", deliveries},
	{"an alarm may publish to its topic, and use the topic's key",
		"https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger", alarmsReachTopics},
	{"an alarm tells somebody", "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html", alarmsTell},
	{"no stack imports what another exports: the other could not change it any more",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-importvalue.html", imports},
	{"what is read from another stack is one of its outputs, and that stack is deployed before",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html", outputs},
	{"functions reserve at most 900 of the 1,000 invocations that an account runs at once",
		"https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html", concurrency},
	{"what has a name and stays when its stack goes, goes if the stack was never made",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html", retained},
	{"the alarm of a canary counts errors of the version that the alias moves to, and is there before",
		"https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html", canaries},
	{"what a schedule calls says itself how often it is repeated",
		"https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html", schedules},
	{"every version of a function says its release",
		"https://github.com/aws/aws-cdk/issues/28252", releases},
	{"a web ACL goes only after its distribution let it go",
		"https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-deleting.html", webACL},
	{"periods of an alarm are one day at most together, seven where one is an hour or longer",
		"https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html", periods},
	{"a queue hides a message for six times as long as its function may take",
		"https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html", visibility},
}

// Check holds the assembly against every rule, and returns what it breaks.
func Check(a Assembly) (broken []string) {
	for _, r := range Rules {
		for _, line := range r.Check(a) {
			broken = append(broken, fmt.Sprintf("%s\n    rule: %s\n    %s", line, r.Name, r.Source))
		}
	}
	return broken
}

// each calls see with every resource of a type.
func each(a Assembly, kind string, see func(s Stack, id string, r Resource) []string) (all []string) {
	for _, name := range a.names() {
		for _, id := range a[name].ids(kind) {
			for _, line := range see(a[name], id, a[name].Resources[id]) {
				all = append(all, fmt.Sprintf("%s, %s: %s", name, id, line))
			}
		}
	}
	return all
}

func legacyLogs(a Assembly) []string {
	return each(a, "AWS::CloudFront::Distribution", func(_ Stack, _ string, r Resource) []string {
		if r.at("DistributionConfig", "Logging") == nil {
			return nil
		}
		return []string{"it has DistributionConfig.Logging"}
	})
}

func deliveries(a Assembly) []string {
	return each(a, "AWS::Logs::DeliverySource", func(s Stack, _ string, r Resource) []string {
		if s.Region == "us-east-1" || !strings.Contains(text(r.at("ResourceArn")), ":cloudfront:") {
			return nil
		}
		return []string{"it is in " + s.Region}
	})
}

const publisher = "cloudwatch.amazonaws.com"

func alarmsReachTopics(a Assembly) []string {
	return each(a, "AWS::CloudWatch::Alarm", func(s Stack, _ string, r Resource) (lines []string) {
		for _, action := range slices.Concat(r.list("AlarmActions"), r.list("OKActions")) {
			at, id := a.find(s, action)
			topic := at.Resources[id]
			if topic.Type != "AWS::SNS::Topic" {
				continue
			}
			if at.Region != s.Region {
				lines = append(lines, "its topic is in "+at.Region)
			}
			if !topicLetsIn(at, id) {
				lines = append(lines, "the policy of the topic "+id+" does not let "+publisher+" publish")
			}
			if key := topic.at("KmsMasterKeyId"); key != nil {
				where, keyID := a.find(at, key)
				if !lets(where.Resources[keyID].list("KeyPolicy", "Statement"), "kms:GenerateDataKey*") || !lets(where.Resources[keyID].list("KeyPolicy", "Statement"), "kms:Decrypt") {
					lines = append(lines, "the key of the topic "+id+" does not let "+publisher+" use it")
				}
			}
		}
		slices.Sort(lines)
		return slices.Compact(lines)
	})
}

// topicLetsIn reports whether alarms may publish to the topic: by its policy, or
// because it has none of its own.
func topicLetsIn(s Stack, topic string) bool {
	policies := 0
	for _, id := range s.ids("AWS::SNS::TopicPolicy") {
		p := s.Resources[id]
		if !slices.ContainsFunc(p.list("Topics"), func(t any) bool { return target(t) == topic }) {
			continue
		}
		policies++
		if lets(p.list("PolicyDocument", "Statement"), "sns:Publish") {
			return true
		}
	}
	return policies == 0
}

// lets reports whether a statement allows the action to the publisher.
func lets(statements []any, action string) bool {
	return slices.ContainsFunc(statements, func(v any) bool {
		s, _ := v.(map[string]any)
		principal, _ := s["Principal"].(map[string]any)
		return s["Effect"] == "Allow" && slices.Contains(asList(principal["Service"]), any(publisher)) && slices.Contains(asList(s["Action"]), any(action))
	})
}

func alarmsTell(a Assembly) []string {
	watched := map[string]bool{} // by deployment groups
	each(a, "AWS::CodeDeploy::DeploymentGroup", func(s Stack, _ string, r Resource) []string {
		for _, v := range r.list("AlarmConfiguration", "Alarms") {
			m, _ := v.(map[string]any)
			watched[s.Name+target(m["Name"])] = true
		}
		return nil
	})
	return each(a, "AWS::CloudWatch::Alarm", func(s Stack, id string, r Resource) []string {
		if len(r.list("AlarmActions")) > 0 || watched[s.Name+id] {
			return nil
		}
		return []string{"it has no action, and no deployment looks at it"}
	})
}

func imports(a Assembly) []string {
	return each(a, "", func(_ Stack, _ string, r Resource) (lines []string) {
		walk(r.Properties, "Properties", func(path string, v any) {
			if m, _ := v.(map[string]any); m["Fn::ImportValue"] != nil {
				lines = append(lines, path+" imports "+text(m["Fn::ImportValue"]))
			}
		})
		return lines
	})
}

func outputs(a Assembly) []string {
	return each(a, "", func(s Stack, _ string, r Resource) (lines []string) {
		walk(r.Properties, "Properties", func(path string, v any) {
			m, _ := v.(map[string]any)
			o, _ := m["Fn::GetStackOutput"].(map[string]any)
			if o == nil {
				return
			}
			name := fmt.Sprint(o["StackName"])
			other, ok := a[name]
			switch _, has := other.Outputs[fmt.Sprint(o["OutputName"])]; {
			case !ok || !has:
				lines = append(lines, fmt.Sprintf("%s: %s has no output %v", path, name, o["OutputName"]))
			case !before(a, s.Name, name):
				lines = append(lines, fmt.Sprintf("%s: %s is not deployed before", path, name))
			case o["Region"] != nil && o["Region"] != other.Region, o["Region"] == nil && s.Region != other.Region:
				lines = append(lines, fmt.Sprintf("%s: %s is in %s", path, name, other.Region))
			}
		})
		return lines
	})
}

// before reports whether other is deployed before the stack.
func before(a Assembly, stack, other string) bool {
	return slices.ContainsFunc(a[stack].After, func(s string) bool { return s == other || before(a, s, other) })
}

// reservable is what functions may reserve of an account: the rest is for those that do not.
const reservable = 1000 - 100

func concurrency(a Assembly) []string {
	sum := 0.0
	each(a, "AWS::Lambda::Function", func(_ Stack, _ string, r Resource) []string {
		n, _ := r.at("ReservedConcurrentExecutions").(float64)
		sum += n
		return nil
	})
	if sum <= reservable {
		return nil
	}
	return []string{fmt.Sprintf("all functions together reserve %.0f", sum)}
}

// named are the properties that name a resource: two of one name cannot be.
var named = map[string]string{
	"AWS::DynamoDB::Table":        "TableName",
	"AWS::SQS::Queue":             "QueueName",
	"AWS::Logs::LogGroup":         "LogGroupName",
	"AWS::SecretsManager::Secret": "Name",
	"AWS::KMS::Alias":             "AliasName",
	"AWS::S3::Bucket":             "BucketName",
	"AWS::SNS::Topic":             "TopicName",
	"AWS::Lambda::Function":       "FunctionName",
	"AWS::CloudWatch::Alarm":      "AlarmName",
	"AWS::CloudWatch::Dashboard":  "DashboardName",
	"AWS::Scheduler::Schedule":    "Name",
	"AWS::WAFv2::WebACL":          "Name",
	"AWS::IAM::Role":              "RoleName",
	"AWS::Backup::BackupVault":    "BackupVaultName",
	"AWS::Logs::DeliverySource":   "Name",
}

func retained(a Assembly) []string {
	return each(a, "", func(_ Stack, _ string, r Resource) []string {
		if name, ok := r.at(named[r.Type]).(string); ok && r.DeletionPolicy == "Retain" {
			return []string{name + " has DeletionPolicy Retain: after a first try that failed the name is taken"}
		}
		return nil
	})
}

func canaries(a Assembly) []string {
	return each(a, "AWS::Lambda::Alias", func(s Stack, _ string, r Resource) (lines []string) {
		update, _ := r.UpdatePolicy["CodeDeployLambdaAliasUpdate"].(map[string]any)
		if update == nil {
			return nil // it moves at once
		}
		group := s.Resources[target(update["DeploymentGroupName"])]
		alarms := group.list("AlarmConfiguration", "Alarms")
		if len(alarms) == 0 {
			lines = append(lines, "its deployments look at no alarm")
		}
		for _, v := range alarms {
			m, _ := v.(map[string]any)
			id := target(m["Name"])
			version := ""
			for _, d := range s.Resources[id].list("Dimensions") {
				if d, _ := d.(map[string]any); d["Name"] == "ExecutedVersion" {
					version = target(d["Value"])
				}
			}
			if version == "" || version != target(r.at("FunctionVersion")) {
				lines = append(lines, "the alarm "+id+" does not count this version alone")
			}
			if !slices.Contains(asList(r.DependsOn), any(id)) {
				lines = append(lines, "the alarm "+id+" may come after it")
			}
		}
		return lines
	})
}

func schedules(a Assembly) []string {
	return each(a, "AWS::Scheduler::Schedule", func(s Stack, _ string, r Resource) []string {
		alias := s.Resources[target(r.at("Target", "Arn"))]
		if alias.Type != "AWS::Lambda::Alias" {
			return []string{"it calls no alias of a function"}
		}
		for _, id := range s.ids("AWS::Lambda::EventInvokeConfig") {
			c := s.Resources[id]
			qualifier := c.at("Qualifier")
			ofAlias := qualifier == alias.at("Name") || strings.Contains(text(qualifier), text(target(r.at("Target", "Arn")))) // taken out of its ARN
			if target(c.at("FunctionName")) == target(alias.at("FunctionName")) && ofAlias &&
				c.at("MaximumRetryAttempts") != nil && c.at("MaximumEventAgeInSeconds") != nil {
				return nil
			}
		}
		return []string{"Lambda repeats what failed twice, and keeps what it could not begin for six hours"}
	})
}

func releases(a Assembly) []string {
	return each(a, "AWS::Lambda::Version", func(s Stack, _ string, r Resource) []string {
		of := s.Resources[target(r.at("FunctionName"))]
		if strings.Contains(fmt.Sprint(of.at("Description")), "release ") {
			return nil
		}
		return []string{"a canary that failed leaves it, and the same one cannot be made again"}
	})
}

func webACL(a Assembly) (lines []string) {
	for _, name := range a.names() {
		for _, id := range a[name].ids("AWS::CloudFront::Distribution") {
			used := a[name].Resources[id].at("DistributionConfig", "WebACLId") != nil
			for _, other := range a.names() {
				if !strings.HasSuffix(other, "-global") {
					continue
				}
				if used && !before(a, name, other) {
					lines = append(lines, fmt.Sprintf("%s has a web ACL and is deployed before %s, which makes it", name, other))
				}
				if !used && !before(a, other, name) {
					lines = append(lines, fmt.Sprintf("%s has no web ACL, and %s may delete one before %s has let it go", name, other, name))
				}
			}
		}
	}
	return lines
}

const (
	hour = 3600
	day  = 24 * hour
)

func periods(a Assembly) []string {
	return each(a, "AWS::CloudWatch::Alarm", func(_ Stack, _ string, r Resource) []string {
		times, _ := r.at("EvaluationPeriods").(float64)
		period, _ := r.at("Period").(float64)
		for _, m := range r.list("Metrics") {
			walk(m, "", func(_ string, v any) {
				m, _ := v.(map[string]any)
				if p, ok := m["Period"].(float64); ok {
					period = p
				}
			})
		}
		if most := map[bool]float64{true: 7 * day, false: day}[period >= hour]; times*period > most {
			return []string{fmt.Sprintf("%.0f times %.0f seconds", times, period)}
		}
		return nil
	})
}

// patience is how many timeouts of its function a queue hides a message for.
const patience = 6

func visibility(a Assembly) []string {
	return each(a, "AWS::Lambda::EventSourceMapping", func(s Stack, _ string, r Resource) []string {
		at, id := a.find(s, r.at("EventSourceArn"))
		queue := at.Resources[id]
		if queue.Type != "AWS::SQS::Queue" {
			return nil
		}
		where, aliasID := a.find(s, r.at("FunctionName"))
		fn := where.Resources[target(where.Resources[aliasID].at("FunctionName"))]
		hidden, _ := queue.at("VisibilityTimeout").(float64)
		timeout, _ := fn.at("Timeout").(float64)
		if timeout == 0 || hidden < patience*timeout {
			return []string{fmt.Sprintf("the queue hides for %.0f s, the function may take %.0f s", hidden, timeout)}
		}
		return nil
	})
}
