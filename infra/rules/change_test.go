package rules_test

import (
	"encoding/json"
	"strings"
	"testing"

	"infocig/infra/rules"
)

// assembly returns the stacks of a JSON object: name to template.
func assembly(t *testing.T, raw string) rules.Assembly {
	t.Helper()
	var templates map[string]rules.Template
	if err := json.Unmarshal([]byte(raw), &templates); err != nil {
		t.Fatal(err)
	}
	all := rules.Assembly{}
	for name, tpl := range templates {
		all[name] = rules.Stack{Name: name, Region: "eu-south-1", Template: tpl}
	}
	return all
}

func TestChange(t *testing.T) {
	const table = `{"Type":"AWS::DynamoDB::Table","Properties":{"TableName":"t","KeySchema":[{"AttributeName":"pk"}]},"DeletionPolicy":"Delete"}`
	for name, test := range map[string]struct{ before, after, want string }{
		"nothing changes":           {`{"data":{"Resources":{"T":` + table + `}}}`, `{"data":{"Resources":{"T":` + table + `}}}`, ""},
		"a stack comes":             {`{}`, `{"data":{"Resources":{"T":` + table + `}}}`, ""},
		"a property changes":        {`{"s":{"Resources":{"F":{"Type":"AWS::Lambda::Function","Properties":{"FunctionName":"f","Timeout":1}}}}}`, `{"s":{"Resources":{"F":{"Type":"AWS::Lambda::Function","Properties":{"FunctionName":"f","Timeout":2}}}}}`, ""},
		"a table goes":              {`{"data":{"Resources":{"T":` + table + `}}}`, `{"data":{"Resources":{}}}`, "what it holds is deleted"},
		"a table that stays behind": {`{"data":{"Resources":{"T":` + strings.Replace(table, "Delete", "RetainExceptOnCreate", 1) + `}}}`, `{"data":{"Resources":{}}}`, "stays behind"},
		"the whole stack goes":      {`{"data":{"Resources":{"T":` + table + `}}}`, `{}`, "what it holds is deleted"},
		"a table is renamed":        {`{"data":{"Resources":{"T":` + table + `}}}`, `{"data":{"Resources":{"T":` + strings.Replace(table, `"t"`, `"u"`, 1) + `}}}`, "made anew"},
		"its key changes":           {`{"data":{"Resources":{"T":` + table + `}}}`, `{"data":{"Resources":{"T":` + strings.Replace(table, "pk", "id", 1) + `}}}`, "KeySchema"},
		"a construct is renamed":    {`{"s":{"Resources":{"A":{"Type":"AWS::Logs::LogGroup","Properties":{"LogGroupName":"l"}}}}}`, `{"s":{"Resources":{"B":{"Type":"AWS::Logs::LogGroup","Properties":{"LogGroupName":"l"}}}}}`, "already exists"},
		"another type":              {`{"s":{"Resources":{"A":{"Type":"AWS::SQS::Queue"}}}}`, `{"s":{"Resources":{"A":{"Type":"AWS::SNS::Topic"}}}}`, "would become"},
		"an export goes": {
			`{"data":{"Resources":{},"Outputs":{"O":{"Value":1,"Export":{"Name":"data:O"}}}},"s":{"Resources":{"F":{"Type":"X","Properties":{"A":{"Fn::ImportValue":"data:O"}}}}}}`,
			`{"data":{"Resources":{}},"s":{"Resources":{"F":{"Type":"X","Properties":{}}}}}`, "s imports it",
		},
		"an output that is read weakly goes": {
			`{"data":{"Resources":{},"Outputs":{"O":{"Value":1}}},"s":{"Resources":{"F":{"Type":"X","Properties":{"A":{"Fn::GetStackOutput":{"StackName":"data","OutputName":"O"}}}}}}}`,
			`{"data":{"Resources":{}},"s":{"Resources":{"F":{"Type":"X","Properties":{}}}}}`, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(rules.Change(assembly(t, test.before), assembly(t, test.after)), "\n")
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
