package topology

import "infocig/shared/app/env"

// A Resource is something that functions act on.
type Resource string

// The resources. A secret has the name of the variable that has its ARN.
const (
	Table       Resource = "table"
	Escalations Resource = "escalations" // the queue to Linea INPS
	Connections Resource = "connections" // the sockets of the WebSocket API's stage
)

// A Grant lets a function call actions on a resource.
type Grant struct {
	Resource Resource
	Actions  []string
}

// Grants is what a function may do: what its code calls, no more. A test of
// local records what each one calls, and another compares that with the roles
// in the templates, both ways.
//
// The pieces of a transaction need the action of each, and no other:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
func Grants(f Function) []Grant {
	var grants []Grant
	if f.Has(env.Table) {
		grants = append(grants, Grant{Table, specs[f].Table})
	}
	if f.Has(env.Queue) {
		grants = append(grants, Grant{Escalations, []string{"sqs:SendMessage"}})
	}
	if f.Has(env.Connections) {
		grants = append(grants, Grant{Connections, []string{"execute-api:ManageConnections"}})
	}
	for _, secret := range env.Secrets {
		if f.Has(secret) {
			grants = append(grants, Grant{Resource(secret), []string{"secretsmanager:GetSecretValue"}})
		}
	}
	return grants
}

// Actions on the table.
const (
	query      = "dynamodb:Query"
	getItem    = "dynamodb:GetItem"
	putItem    = "dynamodb:PutItem"
	updateItem = "dynamodb:UpdateItem"
	deleteItem = "dynamodb:DeleteItem"
)

// RehearseActions are what the hook of deployments calls, and on what: of one account
// and region. It acts on nothing that is stored.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html
var RehearseActions = map[string][]string{
	"codedeploy": {"codedeploy:GetDeployment", "codedeploy:PutLifecycleEventHookExecutionStatus"},
	"lambda":     {"lambda:InvokeFunction", "lambda:ListVersionsByFunction"},
}

// Platform is what Lambda itself does in the name of a function: logs, traces,
// and for the consumer of the queue the poller's work. Code never calls it, so no
// recording has it.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
func Platform(f Function) []string {
	actions := []string{"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
	if f == Consumer {
		actions = append(actions, PollerActions...)
	}
	return actions
}

// PollerActions is what the poller of a queue needs.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
var PollerActions = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
