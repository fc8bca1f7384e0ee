package rules

import (
	"fmt"
	"slices"
)

// keeps are the types of what holds data: what a deployment must not take away.
var keeps = []string{"AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::S3::Bucket", "AWS::Backup::BackupVault"}

// fixed are the properties that cannot change: CloudFormation makes the resource anew,
// and deletes the old one or finds its name taken. Those of keys of tables too.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-table.html
var fixed = map[string][]string{
	"AWS::DynamoDB::Table":         {"KeySchema"},
	"AWS::SQS::Queue":              {"FifoQueue"},
	"AWS::ApiGatewayV2::Api":       {"ProtocolType"},
	"AWS::CodeDeploy::Application": {"ComputePlatform"},
}

// Change returns what would be refused, or lost, if the stacks of before, which are
// deployed, became those of after: a line each.
//
// It sees exports that go while somebody imports them, resources with data that go or
// are made anew, and names that are given to another resource while the first has
// them. Outputs that are read weakly may go: their readers are only asked for them when
// they are updated themselves.
func Change(before, after Assembly) (lines []string) {
	for _, name := range before.names() {
		was := before[name]
		is, stays := after[name]
		if stays {
			lines = append(lines, exportsGo(before, was, is)...)
		}
		for _, id := range was.ids("") {
			old := was.Resources[id]
			now, kept := is.Resources[id]
			say := func(format string, args ...any) {
				lines = append(lines, fmt.Sprintf("%s, %s (%s): ", name, id, old.Type)+fmt.Sprintf(format, args...))
			}
			switch {
			case !kept && slices.Contains(keeps, old.Type):
				say("it goes from the template, and what it holds %s", map[bool]string{true: "is deleted", false: "stays behind: nothing uses it any more, and its name is taken"}[deletes(old)])
			case kept && now.Type != old.Type:
				say("it would become a %s", now.Type)
			case kept:
				for _, property := range append([]string{named[old.Type]}, fixed[old.Type]...) {
					if property != "" && text(old.at(property)) != text(now.at(property)) {
						say("%s changes from %s to %s: it would be made anew", property, text(old.at(property)), text(now.at(property)))
					}
				}
			}
			if other := namesake(is, id, old); other != "" && !kept {
				say("its name goes to %s, which is made before this one is deleted: \"already exists\"", other)
			}
		}
	}
	return lines
}

func deletes(r Resource) bool { return r.DeletionPolicy == "" || r.DeletionPolicy == "Delete" }

// namesake returns a resource of another id that has the type and the name of r.
func namesake(s Stack, id string, r Resource) string {
	name := r.at(named[r.Type])
	if name == nil {
		return ""
	}
	for _, other := range s.ids(r.Type) {
		if other != id && text(s.Resources[other].at(named[r.Type])) == text(name) {
			return other
		}
	}
	return ""
}

// exportsGo returns the exports of a stack that are no more, and that a stack which is
// deployed now still imports: it is updated after this one.
func exportsGo(before Assembly, was, is Stack) (lines []string) {
	for id, o := range was.Outputs {
		if _, stays := is.Outputs[id]; stays {
			continue
		}
		for _, other := range before.names() {
			needs := false
			walk(any(before[other].everything()), "", func(_ string, v any) {
				m, _ := v.(map[string]any)
				needs = needs || o.Export.Name != nil && text(m["Fn::ImportValue"]) == text(o.Export.Name)
			})
			if needs {
				lines = append(lines, fmt.Sprintf("%s: the export %s goes, and %s imports it: CloudFormation refuses", was.Name, text(o.Export.Name), other))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// everything returns the properties of all resources.
func (t Template) everything() []any {
	var all []any
	for _, id := range t.ids("") {
		all = append(all, any(t.Resources[id].Properties))
	}
	return all
}
