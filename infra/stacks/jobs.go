package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsschedulertargets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/topology"
)

// Jobs is what no person calls: the functions of schedules, and the way of escalations to
// Linea INPS, by the queue.
type Jobs struct {
	Stack     awscdk.Stack
	Functions map[topology.Function]function
}

func newJobs(app constructs.Construct, p Props, d *Data, m *Messaging, s *Socket) *Jobs {
	st := newStack(app, p, "jobs", p.Owner.Region, "what nobody asks for: schedules, and the way to Linea INPS")
	w := newWorkshop(st, p, d, m).connected(s)
	j := &Jobs{Stack: st, Functions: map[topology.Function]function{topology.Consumer: w.make(topology.Consumer)}}
	for _, c := range topology.Schedules {
		j.Functions[c.Function] = w.make(c.Function)
	}

	consumer := j.Functions[topology.Consumer]
	for _, action := range topology.PollerActions {
		w.allow(consumer, action, m.Escalations.QueueArn())
	}
	awslambda.NewCfnEventSourceMapping(st, jsii.String("EscalationsToConsumer"), &awslambda.CfnEventSourceMappingProps{
		EventSourceArn:        m.Escalations.QueueArn(),
		FunctionName:          consumer.Alias.FunctionArn(),
		BatchSize:             jsii.Number(topology.BatchSize),
		FunctionResponseTypes: jsii.Strings("ReportBatchItemFailures"),
		ScalingConfig:         &awslambda.CfnEventSourceMapping_ScalingConfigProperty{MaximumConcurrency: jsii.Number(float64(topology.ConcurrencyOf(topology.Consumer)))},
	})
	for _, c := range topology.Schedules {
		j.schedule(st, p, c)
	}
	return j
}

// schedule calls a function at its times. A call that fails is not repeated: the next
// one does the same. The schedule hands the call over to Lambda, which would repeat it
// twice, and keep it for six hours.
// https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html
func (j *Jobs) schedule(st awscdk.Stack, p Props, c topology.Schedule) {
	alias := j.Functions[c.Function].Alias
	age := awscdk.Duration_Minutes(jsii.Number(float64(min(c.Every, mostMinutesLate))))
	alias.ConfigureAsyncInvoke(&awslambda.EventInvokeConfigOptions{MaxEventAge: age, RetryAttempts: jsii.Number(0)})
	awsscheduler.NewSchedule(st, jsii.String("Schedule"+title(c.Function)), &awsscheduler.ScheduleProps{
		ScheduleName: jsii.String(p.name(string(c.Function))),
		Schedule:     awsscheduler.ScheduleExpression_Expression(jsii.String(c.Expression()), awscdk.TimeZone_EUROPE_ROME()),
		Target: awsschedulertargets.NewLambdaInvoke(alias, &awsschedulertargets.ScheduleTargetBaseProps{
			MaxEventAge: age, RetryAttempts: jsii.Number(0), Input: awsscheduler.ScheduleTargetInput_FromObject(c.Event),
		}),
	})
}

// mostMinutesLate is how late a scheduled call may come.
const mostMinutesLate = 60
