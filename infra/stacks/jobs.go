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

// Jobs is what nobody asks for: the sweep, by a schedule, and the way of
// escalations to Linea INPS, by the queue.
type Jobs struct {
	Stack     awscdk.Stack
	Functions map[topology.Function]function
}

func newJobs(app constructs.Construct, p Props, d *Data, m *Messaging, s *Socket) *Jobs {
	st := newStack(app, p, "jobs", p.Owner.Region, "the sweep, and the way to Linea INPS")
	w := newWorkshop(st, p, d, m).connected(s)
	j := &Jobs{Stack: st, Functions: map[topology.Function]function{topology.Sweep: w.make(topology.Sweep), topology.Consumer: w.make(topology.Consumer)}}

	consumer := j.Functions[topology.Consumer]
	for _, action := range topology.PollerActions {
		w.allow(consumer, action, m.Escalations.QueueArn())
	}
	awslambda.NewCfnEventSourceMapping(st, jsii.String("EscalationsToConsumer"), &awslambda.CfnEventSourceMappingProps{
		EventSourceArn:        m.Escalations.QueueArn(),
		FunctionName:          consumer.Alias.FunctionArn(),
		BatchSize:             jsii.Number(topology.BatchSize),
		FunctionResponseTypes: jsii.Strings("ReportBatchItemFailures"),
		ScalingConfig:         &awslambda.CfnEventSourceMapping_ScalingConfigProperty{MaximumConcurrency: jsii.Number(float64(topology.Concurrency[topology.Consumer]))},
	})
	// A sweep that fails is not repeated: the next one is a minute away, and does
	// the same.
	awsscheduler.NewSchedule(st, jsii.String("EveryMinute"), &awsscheduler.ScheduleProps{
		ScheduleName: jsii.String(p.name(string(topology.Sweep))),
		Schedule:     awsscheduler.ScheduleExpression_Rate(awscdk.Duration_Minutes(jsii.Number(topology.SweepEvery))),
		Target: awsschedulertargets.NewLambdaInvoke(j.Functions[topology.Sweep].Alias, &awsschedulertargets.ScheduleTargetBaseProps{
			RetryAttempts: jsii.Number(0),
			Input:         awsscheduler.ScheduleTargetInput_FromObject(map[string]any{"looks": topology.SweepLooks}),
		}),
	})
	return j
}
