package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"infocig/infra/owner"
	"infocig/infra/topology"
	"infocig/shared/table/dynamo"
	"infocig/shared/test/servers"
)

// An awsAccount is a server that is not AWS's, with what the stage dev has there of what
// commands ask for.
type awsAccount struct {
	t   *testing.T
	url string
	cfg aws.Config

	owner string // file of the owner's values, who has the account
}

// newAccount starts an account without anything. The test is in the folder of the project.
func newAccount(t *testing.T) awsAccount {
	t.Helper()
	server, err := moto()
	must(t, err)
	resp, err := http.Post(server.URL+"/moto-api/reset", "", nil) //nolint:noctx // a test's
	must(t, err)
	must(t, resp.Body.Close())
	cfg, err := awsConfig(t.Context(), server.URL)
	must(t, err)
	file := filepath.Join(t.TempDir(), "owner.json")
	must(t, os.WriteFile(file, ownersOf(t, motoAccount), 0o600))
	return awsAccount{t, server.URL, cfg, file}
}

// motoAccount is the account of the server.
const motoAccount = "123456789012"

// ownersOf returns the values of dev for an account.
func ownersOf(t *testing.T, account string) []byte {
	t.Helper()
	raw, err := os.ReadFile(owner.File(owner.Dev))
	must(t, err)
	return bytes.ReplaceAll(raw, []byte("111122223333"), []byte(account))
}

// moto starts the server of all accounts, once: only one test after the other has one.
var moto = sync.OnceValues(func() (*servers.Server, error) {
	return servers.MotoWith(context.Background(), "tools/requirements.txt")
})

// stack makes a stack of the stage with resources and outputs.
func (a awsAccount) stack(name string, resources map[string]any, outputs map[string]any) {
	a.t.Helper()
	out := map[string]any{}
	for key, value := range outputs {
		out[key] = map[string]any{"Value": value}
	}
	body, err := json.Marshal(map[string]any{"Resources": resources, "Outputs": out})
	must(a.t, err)
	client := cloudformation.NewFromConfig(a.cfg)
	full := "infocig-dev-" + name
	_, err = client.CreateStack(a.t.Context(), &cloudformation.CreateStackInput{StackName: &full, TemplateBody: aws.String(string(body))})
	must(a.t, err)
}

func ref(id string) any { return map[string]string{"Ref": id} }

func dynamoTable(name string) any {
	attribute := func(name string) any { return map[string]string{"AttributeName": name, "AttributeType": "S"} }
	key := func(name, kind string) any { return map[string]string{"AttributeName": name, "KeyType": kind} }
	return map[string]any{"Type": "AWS::DynamoDB::Table", "Properties": map[string]any{
		"TableName": name, "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": []any{attribute("pk"), attribute("sk")}, "KeySchema": []any{key("pk", "HASH"), key("sk", "RANGE")},
	}}
}

// install makes the stacks that commands ask, with tables and queues.
func (a awsAccount) install() {
	a.t.Helper()
	a.stack("data", map[string]any{
		"Table": dynamoTable("infocig-dev-table"), "Ledger": dynamoTable("infocig-dev-table-ledger"),
		"Key":   map[string]any{"Type": "AWS::KMS::Key", "Properties": map[string]any{"KeyPolicy": map[string]any{}}},
		"Alias": map[string]any{"Type": "AWS::KMS::Alias", "Properties": map[string]any{"AliasName": "alias/infocig-dev-data", "TargetKeyId": ref("Key")}},
	}, map[string]any{"TableName": ref("Table"), "LedgerName": ref("Ledger")})
	queue := func(name string) any {
		return map[string]any{"Type": "AWS::SQS::Queue", "Properties": map[string]any{"QueueName": "infocig-dev-" + name}}
	}
	name := func(id string) any { return map[string]any{"Fn::GetAtt": []string{id, "QueueName"}} }
	a.stack("messaging", map[string]any{"Escalations": queue(topology.Queue), "Dead": queue(topology.DeadLetter)},
		map[string]any{"QueueName": name("Escalations"), "DeadLetterQueueName": name("Dead")})
}

func (a awsAccount) lambda() *lambda.Client { return lambda.NewFromConfig(a.cfg) }

// publish makes a version of every function, or of some, for a release. The version is not live.
func (a awsAccount) publish(id string, some ...topology.Function) {
	a.t.Helper()
	if some == nil {
		some = topology.Functions
	}
	for _, f := range some {
		name, description := "infocig-dev-"+string(f), topology.Description(f, id)
		code := zipped(a.t, id)
		_, err := a.lambda().CreateFunction(a.t.Context(), &lambda.CreateFunctionInput{
			FunctionName: &name, Role: aws.String("arn:aws:iam::123456789012:role/r"), Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
			Code: &types.FunctionCode{ZipFile: code}, Description: &description,
		})
		if err != nil && strings.Contains(err.Error(), "already exist") {
			_, err = a.lambda().UpdateFunctionConfiguration(a.t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: &name, Description: &description})
			must(a.t, err)
			_, err = a.lambda().UpdateFunctionCode(a.t.Context(), &lambda.UpdateFunctionCodeInput{FunctionName: &name, ZipFile: code})
		}
		must(a.t, err)
		_, err = a.lambda().PublishVersion(a.t.Context(), &lambda.PublishVersionInput{FunctionName: &name})
		must(a.t, err)
	}
}

// release makes the newest version of every function, or of some, live.
func (a awsAccount) release(some ...topology.Function) {
	a.t.Helper()
	if some == nil {
		some = topology.Functions
	}
	for _, f := range some {
		name := "infocig-dev-" + string(f)
		out, err := a.lambda().ListVersionsByFunction(a.t.Context(), &lambda.ListVersionsByFunctionInput{FunctionName: &name})
		must(a.t, err)
		newest := out.Versions[len(out.Versions)-1].Version
		_, err = a.lambda().UpdateAlias(a.t.Context(), &lambda.UpdateAliasInput{FunctionName: &name, Name: aws.String(topology.Alias), FunctionVersion: newest})
		if isMissing(err) {
			_, err = a.lambda().CreateAlias(a.t.Context(), &lambda.CreateAliasInput{FunctionName: &name, Name: aws.String(topology.Alias), FunctionVersion: newest})
		}
		must(a.t, err)
	}
}

// at returns which version of a function is live.
func (a awsAccount) at(f topology.Function) string {
	a.t.Helper()
	out, err := a.lambda().GetAlias(a.t.Context(), &lambda.GetAliasInput{FunctionName: aws.String("infocig-dev-" + string(f)), Name: aws.String(topology.Alias)})
	must(a.t, err)
	return *out.FunctionVersion
}

// ops runs a command on the stage.
func (a awsAccount) ops(input string, args ...string) (map[string]any, string, error) {
	a.t.Helper()
	if !slices.Contains(args, "--owner") {
		args = append(args, "--owner", a.owner)
	}
	return ops(a.t, input, append(args, "--stage", "dev", "--endpoint", a.url)...)
}

func (a awsAccount) dynamo() *dynamodb.Client { return dynamodb.NewFromConfig(a.cfg) }

// something is the resource of a stack that is there for its outputs.
func (a awsAccount) something() map[string]any {
	return map[string]any{"Something": map[string]any{"Type": "AWS::SQS::Queue"}}
}

// backups switches on the backups of a table, and returns the last time to which it can be restored.
func (a awsAccount) backups(table string) time.Time {
	a.t.Helper()
	out, err := a.dynamo().UpdateContinuousBackups(a.t.Context(), &dynamodb.UpdateContinuousBackupsInput{
		TableName: &table, PointInTimeRecoverySpecification: &dynamotypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	})
	must(a.t, err)
	return *out.ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime
}

// dynamoForget empties a table.
func (a awsAccount) dynamoForget(table string) error {
	_, err := a.dynamo().DeleteTable(a.t.Context(), &dynamodb.DeleteTableInput{TableName: &table})
	if err != nil {
		return err
	}
	return dynamo.Create(a.t.Context(), a.dynamo(), table)
}

// TestAStageIsFound: what a command cannot find it names in one line.
func TestAStageIsFound(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"waiting", "--stage", "pord"}, `stage "pord": want dev or prod`},
		{[]string{"waiting", "--stage", "dev"}, "stack infocig-dev-data is not in region eu-south-1"},
		{[]string{"retain", "--stage", "dev"}, "stack infocig-dev-data is not in region eu-south-1"},
		{[]string{"redrive", "--stage", "dev"}, "stack infocig-dev-messaging is not in region eu-south-1"},
		{[]string{"rollback", "--stage", "dev"}, "stack infocig-dev-data is not in region eu-south-1"},
		{[]string{"release", "list", "--stage", "dev"}, "stack infocig-dev-data is not in region eu-south-1"},
		{[]string{"rotate", "--stage", "dev"}, "stack infocig-dev-data is not in region eu-south-1"},
		{[]string{"export", "--stage", "dev"}, "stack infocig-dev-data is not in region eu-south-1"},
		{[]string{"erase", "--stage", "dev"}, "stack infocig-dev-data is not in region eu-south-1"},
		{[]string{"waiting", "--stage", "dev", "--owner", "nowhere.json"}, "in the folder of the project"},
	} {
		if !slices.Contains(c.args, "--owner") {
			c.args = append(c.args, "--owner", a.owner)
		}
		_, _, err := ops(t, "", append(c.args, "--endpoint", a.url)...)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, want %q", c.args, err, c.want)
		}
	}
	a.install()
	if _, out, err := a.ops("", "waiting"); err != nil || strings.TrimSpace(out) != "[]" {
		t.Errorf("nobody waits: %s, %v", out, err)
	}
	if v, _, err := a.ops("", "redrive"); err != nil || v["moved"] != 0.0 {
		t.Errorf("redrive: %v, %v", v, err)
	}
	values, err := owner.Read(owner.Dev, owner.File(owner.Dev))
	must(t, err)
	if v, _, err := a.ops("", "retain"); err != nil || v["conversations"] != 0.0 || values.ConversationDays == 0 {
		t.Errorf("retain: %v, %v", v, err)
	}
}

// secret makes a secret.
func (a awsAccount) secret(name, value string) error {
	_, err := secretsmanager.NewFromConfig(a.cfg).CreateSecret(a.t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value})
	return err
}
