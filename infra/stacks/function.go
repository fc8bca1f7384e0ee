package stacks

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/topology"
	"infocig/shared/app/env"
)

// A workshop makes the functions of a stack.
type workshop struct {
	stack awscdk.Stack
	props Props
	// What the resources of grants are, and the values of variables that are no
	// secrets.
	arns   map[topology.Resource][]*string
	values map[env.Name]*string
	key    awskms.IKey
	// The resources with a wildcard, as cdk-nag prints them.
	wildcards []string
}

// newWorkshop knows what functions of every stack have in common.
func newWorkshop(st awscdk.Stack, p Props, d *Data, m *Messaging) workshop {
	w := workshop{
		stack: st, props: p, key: d.Key,
		arns:   map[topology.Resource][]*string{topology.Table: {d.Table.TableArn()}},
		values: map[env.Name]*string{env.Table: d.Table.TableName(), env.LineaURL: &p.Owner.Linea.URL, env.Stage: jsii.String(string(p.Stage))},
	}
	if m != nil {
		w.arns[topology.Escalations], w.values[env.Queue] = []*string{m.Escalations.QueueArn()}, m.Escalations.QueueUrl()
	}
	w.values[env.Origins] = jsii.String("https://" + p.Owner.Domain)
	w.values[env.Pages] = w.values[env.Origins]
	w.values[env.ClientID] = &p.Owner.ClientID
	w.values[env.Days] = jsii.String(strconv.Itoa(p.Owner.ConversationDays))
	issuers, err := json.Marshal(p.Owner.Issuers)
	if err != nil {
		panic(err) // strings only
	}
	w.values[env.Issuers] = jsii.String(string(issuers))
	for name, secret := range d.Secrets {
		w.arns[topology.Resource(name)], w.values[name] = []*string{secret.SecretArn()}, secret.SecretArn()
	}
	return w
}

// connected adds what only functions know that speak to sockets.
func (w workshop) connected(s *Socket) workshop {
	w.arns[topology.Connections] = *jsii.Strings(s.connections(w.props, *s.id(w.stack))...)
	w.values[env.Connections], w.values[env.Socket] = s.callback(w.stack, w.props), s.url(w.stack, w.props)
	w.wildcards = s.connections(w.props, s.printedID(w.stack))
	return w
}

// A function is a Lambda and the alias that everything calls it by.
type function struct {
	Function awslambda.Function
	Alias    awslambda.Alias
	Log      awslogs.LogGroup
}

// allow lets a function do what its platform needs.
func (w workshop) allow(f function, action string, resource *string) {
	f.Function.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: &[]*string{&action}, Resources: &[]*string{resource}}))
}

// title returns the name of a construct of f.
func title(f topology.Function) string { return strings.ToUpper(string(f[:1])) + string(f[1:]) }

// make makes a function with its own role, which may do what the topology grants,
// its own log, and an alias that moves to a new version by a canary, if it has one: a
// tenth of the calls for five minutes, and back if they fail.
func (w workshop) make(f topology.Function) function {
	id, p := title(f), w.props
	log := logGroup(w.stack, p, w.key, id+"Log", "/aws/lambda/"+p.name(string(f)))
	// A role of our own: the one that Lambda's construct makes has a managed
	// policy, which may write any log.
	role := awsiam.NewRole(w.stack, jsii.String(id+"Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	log.GrantWrite(role)
	for _, g := range topology.Grants(f) {
		role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(g.Actions...), Resources: ptr(w.arns[g.Resource])}))
	}
	acknowledge(role, "AwsSolutions-IAM5[Resource::*]", "the actions of X-Ray know no resource")
	if f.Has(env.Connections) {
		for _, arn := range w.wildcards {
			acknowledge(role, "AwsSolutions-IAM5[Resource::"+arn+"]", "which sockets there are is not known beforehand; of this API and stage only")
		}
	}
	variables := map[string]*string{}
	for _, name := range f.Set() {
		variables[string(name)] = w.values[name]
	}
	fn := awslambda.NewFunction(w.stack, &id, &awslambda.FunctionProps{
		FunctionName: jsii.String(p.name(string(f))),
		// A version is made of what is not yet in one: the release makes it so after a
		// canary that failed, too. https://github.com/aws/aws-cdk/issues/28252
		Description:                  jsii.String(topology.Description(f, p.Release)),
		Runtime:                      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:                 awslambda.Architecture_ARM_64(),
		Handler:                      jsii.String("bootstrap"),
		Code:                         awslambda.Code_FromAsset(jsii.String(filepath.Join(p.Functions, string(f))), nil),
		MemorySize:                   jsii.Number(topology.Memory),
		Timeout:                      awscdk.Duration_Seconds(jsii.Number(float64(topology.TimeoutOf(f)))),
		ReservedConcurrentExecutions: w.reserved(f),
		Tracing:                      awslambda.Tracing_ACTIVE,
		LoggingFormat:                awslambda.LoggingFormat_JSON,
		LogGroup:                     log,
		Role:                         role,
		Environment:                  &variables,
		// A version stays when the next one comes: make rollback goes back to it.
		CurrentVersionOptions: &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN},
	})
	// Plain names of the things that other tools ask for: SAM, and templates read by people.
	fn.Node().DefaultChild().(awslambda.CfnFunction).OverrideLogicalId(&id)
	return function{Function: fn, Alias: w.alias(f, fn), Log: log}
}

// reserved is how many invocations of f run at once at most, nil where functions
// take what the account has.
func (w workshop) reserved(f topology.Function) *float64 {
	if !w.props.reserved() {
		return nil
	}
	return jsii.Number(float64(topology.ConcurrencyOf(f)))
}

// alias makes the alias of a function.
func (w workshop) alias(f topology.Function, fn awslambda.Function) awslambda.Alias {
	alias := fn.AddAlias(jsii.String(topology.Alias), nil)
	if f.Canary() {
		w.canary(f, fn, alias)
	}
	return alias
}

// canary says how an alias moves to a new version.
//
// The alarm counts errors of the new version only: those of the old one would take the
// version back that repairs them. It looks at the new version before the alias moves.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
func (w workshop) canary(f topology.Function, fn awslambda.Function, alias awslambda.Alias) {
	id := title(f)
	failing := awscloudwatch.NewAlarm(w.stack, jsii.String(id+"CanaryErrors"), &awscloudwatch.AlarmProps{
		AlarmName:        jsii.String(w.props.name(topology.Canary + "-" + strings.ToLower(id))),
		AlarmDescription: runbook(topology.Canary),
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/Lambda"), MetricName: jsii.String("Errors"), Statistic: jsii.String(topology.Sum), Period: minute(),
			DimensionsMap: &map[string]*string{
				"FunctionName":    fn.FunctionName(),
				"Resource":        awscdk.Fn_Join(jsii.String(":"), &[]*string{fn.FunctionName(), jsii.String(topology.Alias)}),
				"ExecutedVersion": fn.CurrentVersion().Version(),
			},
		}),
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(1),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	group := awscodedeploy.NewLambdaDeploymentGroup(w.stack, jsii.String(id+"Canary"), &awscodedeploy.LambdaDeploymentGroupProps{
		Alias:               alias,
		DeploymentGroupName: jsii.String(w.props.name(string(f))), // the hook finds the function by it
		DeploymentConfig:    w.moves(),
		Alarms:              &[]interfacesawscloudwatch.IAlarmRef{failing},
		AutoRollback:        &awscodedeploy.AutoRollbackConfig{DeploymentInAlarm: jsii.Bool(true), FailedDeployment: jsii.Bool(true)},
	})
	acknowledge(group, "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
		"the role of CodeDeploy, not of a function: AWS keeps its policy up to date")
	if hook := w.hook(id); hook != nil {
		group.AddPreHook(hook)
		awscdk.Annotations_Of(hook).AcknowledgeWarning(jsii.String("@aws-cdk/aws-iam:unknownPrincipalAddStatementToRole"),
			jsii.String("its own stack lets the hook report on every deployment group"))
		acknowledge(group, "AwsSolutions-IAM5[Resource::"+*hook.FunctionArn()+":*]", "every version of the hook, and of it only")
	}
	alias.Node().AddDependency(failing)
}

// moves is how an alias gets to a new version.
func (w workshop) moves() awscodedeploy.ILambdaDeploymentConfig {
	if w.props.AtOnce {
		return awscodedeploy.LambdaDeploymentConfig_ALL_AT_ONCE()
	}
	return awscodedeploy.LambdaDeploymentConfig_CANARY_10PERCENT_5MINUTES()
}

func minute() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(1)) }

// runbook is the description of an alarm: where it says what to do.
func runbook(name string) *string { return jsii.String("docs/runbooks/" + name + ".md") }

// logGroup makes a log that is kept as long as the owner says.
func logGroup(st awscdk.Stack, p Props, key awskms.IKey, id, name string) awslogs.LogGroup {
	g := awslogs.NewLogGroup(st, &id, &awslogs.LogGroupProps{LogGroupName: &name, RemovalPolicy: p.removal()})
	raw := g.Node().DefaultChild().(awslogs.CfnLogGroup)
	raw.SetRetentionInDays(jsii.Number(float64(p.Owner.LogDays)))
	raw.SetKmsKeyId(key.KeyArn()) // whose policy lets CloudWatch use it
	return g
}

// ptr returns the address of a list, which is what constructs ask for.
func ptr[T any](list []T) *[]T { return &list }
