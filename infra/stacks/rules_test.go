package stacks_test

import (
	"strings"
	"testing"

	"infocig/infra/owner"
	"infocig/infra/rules"
	"infocig/infra/topology"
)

// variants are the choices that an owner has.
var variants = map[string]struct {
	stage  owner.Stage
	change func(*owner.Values)
}{
	"dev":           {owner.Dev, nil},
	"prod":          {owner.Prod, nil},
	"web ACL":       {owner.Dev, func(v *owner.Values) { v.WAF = "on" }},
	"reserved":      {owner.Prod, func(v *owner.Values) { v.Concurrency = owner.Reserved }},
	"functions":     {owner.Dev, func(v *owner.Values) { v.GatewayAuthorizers = "off" }},
	"details":       {owner.Dev, func(v *owner.Values) { v.DetailedMetrics = "on" }},
	"restored":      {owner.Dev, func(v *owner.Values) { v.RestoredTable = "infocig-dev-table-2" }},
	"prod restored": {owner.Prod, func(v *owner.Values) { v.RestoredTable = "infocig-prod-table-2" }},
	"backups": {owner.Prod, func(v *owner.Values) {
		v.BackupVaultARN = "arn:aws:backup:eu-south-1:444455556666:backup-vault:infocig"
	}},
}

func assembly(t *testing.T, variant string) rules.Assembly {
	t.Helper()
	v := variants[variant]
	_, out := synthesize(t, v.stage, v.change)
	a, err := rules.Read(out)
	must(t, err)
	return a
}

// TestRules holds what any owner may choose against what AWS documents.
func TestRules(t *testing.T) {
	for name := range variants {
		t.Run(name, func(t *testing.T) {
			if broken := rules.Check(assembly(t, name)); len(broken) > 0 {
				t.Errorf("%s", strings.Join(broken, "\n"))
			}
		})
	}
}

// TestAnOwnerMayChangeTheirMind goes from a deployment to each choice and back:
// nothing is refused, and nothing is lost.
func TestAnOwnerMayChangeTheirMind(t *testing.T) {
	for name, v := range variants {
		from := string(v.stage)
		if name == from {
			continue
		}
		for _, step := range [][2]string{{from, name}, {name, from}} {
			if lost := rules.Change(assembly(t, step[0]), assembly(t, step[1])); len(lost) > 0 {
				t.Errorf("from %s to %s:\n%s", step[0], step[1], strings.Join(lost, "\n"))
			}
		}
	}
}

// TestTheRulesSee breaks the templates as they were once, and each rule sees
// it.
func TestTheRulesSee(t *testing.T) {
	breaks := map[string]func(rules.Assembly){
		"a distribution has no logs": func(a rules.Assembly) {
			one(t, a, "AWS::CloudFront::Distribution").Properties["DistributionConfig"].(map[string]any)["Logging"] = map[string]any{"Bucket": "b"}
		},
		"logs of CloudFront are delivered": func(a rules.Assembly) {
			s := a["infocig-dev-edge"]
			s.Region = "eu-south-1"
			a["infocig-dev-edge"] = s
		},
		"an alarm may publish": func(a rules.Assembly) { remove(a, "AWS::SNS::TopicPolicy", "Statement", 1) },
		"an alarm tells somebody": func(a rules.Assembly) {
			delete(one(t, a, "AWS::CloudWatch::Alarm", "AlarmActions").Properties, "AlarmActions")
		},
		"no stack imports": func(a rules.Assembly) {
			one(t, a, "AWS::Lambda::Function").Properties["X"] = map[string]any{"Fn::ImportValue": "x"}
		},
		"what is read from another stack": func(a rules.Assembly) {
			s := a["infocig-dev-web"]
			delete(s.Outputs, "DistributionId")
		},
		"functions reserve": func(a rules.Assembly) {
			one(t, a, "AWS::Lambda::Function").Properties["ReservedConcurrentExecutions"] = 901.0
		},
		"what has a name and stays": func(a rules.Assembly) {
			for _, s := range a {
				for id, r := range s.Resources {
					r.DeletionPolicy = "Retain"
					s.Resources[id] = r
				}
			}
		},
		"the alarm of a canary": func(a rules.Assembly) {
			delete(one(t, a, "AWS::CloudWatch::Alarm", "Dimensions").Properties, "Dimensions")
		},
		"what a schedule calls": func(a rules.Assembly) {
			for _, s := range a {
				for id, r := range s.Resources {
					if r.Type == "AWS::Lambda::EventInvokeConfig" {
						delete(s.Resources, id)
					}
				}
			}
		},
		"every version of a function": func(a rules.Assembly) {
			f := one(t, a, "AWS::Lambda::Function")
			f.Properties["Description"] = "functions/" + string(topology.Sweep)
		},
		"a web ACL goes only after": func(a rules.Assembly) {
			s := a["infocig-dev-global"]
			s.After = nil
			a["infocig-dev-global"] = s
		},
		"periods of an alarm": func(a rules.Assembly) {
			one(t, a, "AWS::CloudWatch::Alarm", "Period").Properties["EvaluationPeriods"] = 86401.0
		},
		"a queue hides a message": func(a rules.Assembly) {
			s := a["infocig-dev-messaging"]
			for _, r := range s.Resources {
				r.Properties["VisibilityTimeout"] = 30.0
			}
		},
	}
	for _, r := range rules.Rules {
		found := false
		for begin, do := range breaks {
			if !strings.HasPrefix(r.Name, begin) {
				continue
			}
			found = true
			a := assembly(t, "dev")
			do(a)
			if len(r.Check(a)) == 0 {
				t.Errorf("%s: it sees nothing", r.Name)
			}
		}
		if !found {
			t.Errorf("%s: nothing here breaks it", r.Name)
		}
	}
}

// one returns a resource of a type that has the property, in a function of ours where
// it is one.
func one(t *testing.T, a rules.Assembly, kind string, property ...string) rules.Resource {
	t.Helper()
	for _, name := range []string{"infocig-dev-jobs", "infocig-dev-ops", "infocig-dev-web"} {
		for _, r := range a[name].Resources {
			if r.Type == kind && (len(property) == 0 || r.Properties[property[0]] != nil && r.Properties["AlarmName"] != nil) {
				return r
			}
		}
	}
	t.Fatalf("there is no %s", kind)
	return rules.Resource{}
}

// remove takes the statement out of the policy document of every resource of a type.
func remove(a rules.Assembly, kind, list string, at int) {
	for _, s := range a {
		for _, r := range s.Resources {
			if r.Type == kind {
				doc := r.Properties["PolicyDocument"].(map[string]any)
				all := doc[list].([]any)
				doc[list] = append(append([]any{}, all[:at]...), all[at+1:]...)
			}
		}
	}
}
