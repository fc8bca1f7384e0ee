package stacks_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"infocig/infra/owner"
	"infocig/infra/topology"
)

// TestAlarms compares the alarms of the templates with the topology's, both ways.
func TestAlarms(t *testing.T) {
	all, _ := synthesize(t, owner.Dev, func(v *owner.Values) { v.Concurrency = owner.Reserved })
	tpl := all["ops"]
	made := map[string]resource{}
	for _, a := range tpl.of("AWS::CloudWatch::Alarm") {
		made[strings.TrimPrefix(a.at("AlarmName").(string), "infocig-dev-")] = a
	}
	topic := tpl.one(t, "AWS::SNS::Topic")
	check := func(name string, a topology.Alarm, f topology.Function) {
		r, ok := made[name]
		if !ok {
			t.Errorf("%s is missing", name)
			return
		}
		delete(made, name)
		same(t, name+" threshold", r.at("Threshold"), any(a.ThresholdFor(f)))
		same(t, name+" minutes", r.at("EvaluationPeriods"), any(float64(a.Times)))
		same(t, name+" runbook", r.at("AlarmDescription"), any("docs/runbooks/"+a.Name+".md"))
		same(t, name+" tells somebody", r.at("AlarmActions"), any([]any{ref(topic.id)}))
		same(t, name+" and that it is over", r.at("OKActions"), any([]any{ref(topic.id)}))
		missing := map[bool]string{true: "breaching", false: "notBreaching"}[a.Missing]
		same(t, name+" without values", r.at("TreatMissingData"), any(missing))
		compare := map[bool]string{true: "LessThanOrEqualToThreshold", false: "GreaterThanOrEqualToThreshold"}[a.Below]
		same(t, name+" compares", r.at("ComparisonOperator"), any(compare))
		for _, metric := range []string{a.Metric.Name, a.Metric.Plus} {
			if !strings.Contains(r.text(), `"MetricName":"`+metric+`"`) && metric != "" {
				t.Errorf("%s does not look at %s", name, metric)
			}
		}
		if f != "" && !strings.Contains(r.text("Dimensions"), "FunctionName") {
			t.Errorf("%s is of no function: %s", name, r.text("Dimensions"))
		}
	}
	for _, a := range topology.Alarms {
		if a.Of() == nil {
			check(a.Name, a, "")
			continue
		}
		for _, f := range a.Of() {
			check(a.Name+"-"+string(f), a, f)
		}
	}
	for name := range made {
		t.Errorf("%s is not in the topology", name)
	}
	tpl, made = all["edge"], map[string]resource{}
	topic = tpl.one(t, "AWS::SNS::Topic")
	for _, a := range tpl.of("AWS::CloudWatch::Alarm") {
		made[strings.TrimPrefix(a.at("AlarmName").(string), "infocig-dev-")] = a
	}
	for _, a := range topology.EdgeAlarms {
		check(a.Name, a, "")
	}
	same(t, "alarms of us-east-1 that are not in the topology", len(made), 0)
	budget := all["global"].one(t, "AWS::Budgets::Budget")
	same(t, "budget", budget.at("Budget", "BudgetLimit"), any(map[string]any{"Amount": 100.0, "Unit": "USD"}))
}

// TestEveryAlarmHasARunbook compares both ways: the other runbooks are operators'
// own errands.
func TestEveryAlarmHasARunbook(t *testing.T) {
	const runbooks = "../../docs/runbooks"
	names := []string{topology.BudgetAlarm, topology.Canary}
	for _, a := range slices.Concat(topology.Alarms, topology.EdgeAlarms) {
		names = append(names, a.Name)
	}
	for _, name := range names {
		raw, err := os.ReadFile(filepath.Join(runbooks, name+".md"))
		if err != nil {
			t.Errorf("%s has no runbook: %v", name, err)
			continue
		}
		for _, part := range []string{"# ", "\n## What it means", "\n## What to do"} {
			if !strings.Contains("\n"+string(raw), part) {
				t.Errorf("the runbook of %s lacks %q", name, part)
			}
		}
	}
}
