package stacks

import (
	"fmt"
	"maps"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/topology"
	"infocig/shared/aws/metrics"
)

// Ops is what tells somebody: alarms and a dashboard.
type Ops struct{ Stack awscdk.Stack }

// A control is what makes the alarms.
type control struct {
	props     Props
	stack     awscdk.Stack
	stacks    *Stacks
	functions map[topology.Function]function
	topic     awssns.Topic
	notify    awscloudwatch.IAlarmAction
	alarms    []interfacesawscloudwatch.IAlarmRef
}

func newOps(app constructs.Construct, p Props, s *Stacks) *Ops {
	st := newStack(app, p, "ops", p.Owner.Region, "alarms and dashboard")
	topic := awssns.NewTopic(st, jsii.String("Alarms"), &awssns.TopicProps{
		TopicName: jsii.String(p.name("alarms")), EnforceSSL: jsii.Bool(true), MasterKey: s.Data.Key,
	})
	letAlarms(topic, p)
	topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&p.Owner.AlarmEmail, nil))
	c := &control{props: p, stack: st, stacks: s, functions: map[topology.Function]function{}, topic: topic, notify: awscloudwatchactions.NewSnsAction(topic)}
	for _, some := range []map[topology.Function]function{s.Socket.Functions, s.HTTP.Functions, s.Jobs.Functions, s.Release.Functions} {
		maps.Copy(c.functions, some)
	}
	for _, a := range topology.Alarms {
		if a.Of() == nil {
			c.alarm(a, "")
			continue
		}
		if a.Metric.Name == topology.ConcurrentExecutions && !p.reserved() {
			continue // there is no limit to near
		}
		for _, f := range a.Of() {
			c.alarm(a, f)
		}
	}
	c.dashboard()
	output(st, "AlarmTopic", topic.TopicArn())
	return &Ops{Stack: st}
}

// alarm makes an alarm, of one function if f is one.
func (c *control) alarm(a topology.Alarm, f topology.Function) {
	name := a.Name
	if f != "" {
		name += "-" + string(f)
	}
	c.alarms = append(c.alarms, newAlarm(c.stack, c.props, a, name, c.metric(a, f), a.ThresholdFor(f), c.notify))
}

// newAlarm makes the alarm of that name, which tells when it begins and when it is
// over. It says where what to do is written.
func newAlarm(st awscdk.Stack, p Props, a topology.Alarm, name string, metric awscloudwatch.IMetric, threshold float64, notify awscloudwatch.IAlarmAction) awscloudwatch.Alarm {
	compare := awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD
	if a.Below {
		compare = awscloudwatch.ComparisonOperator_LESS_THAN_OR_EQUAL_TO_THRESHOLD
	}
	missing := awscloudwatch.TreatMissingData_NOT_BREACHING
	if a.Missing {
		missing = awscloudwatch.TreatMissingData_BREACHING
	}
	alarm := awscloudwatch.NewAlarm(st, &name, &awscloudwatch.AlarmProps{
		AlarmName:          jsii.String(p.name(name)),
		AlarmDescription:   runbook(a.Name),
		Metric:             metric,
		Threshold:          &threshold,
		EvaluationPeriods:  jsii.Number(float64(a.Times)),
		ComparisonOperator: compare,
		TreatMissingData:   missing,
	})
	alarm.AddAlarmAction(notify)
	alarm.AddOkAction(notify)
	return alarm
}

// period is what one value of an alarm is for.
func period(a topology.Alarm) awscdk.Duration {
	return awscdk.Duration_Minutes(jsii.Number(float64(max(a.Every, 1))))
}

// metric returns what the alarm looks at.
func (c *control) metric(a topology.Alarm, f topology.Function) awscloudwatch.IMetric {
	m, every := a.Metric, period(a)
	if m.Plus == "" {
		return c.single(m, m.Name, f, every)
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression:   jsii.String("FILL(a, 0) + FILL(b, 0)"),
		Label:        jsii.String(m.Name + " + " + m.Plus),
		Period:       every,
		UsingMetrics: &map[string]awscloudwatch.IMetric{"a": c.single(m, m.Name, f, every), "b": c.single(m, m.Plus, f, every)},
	})
}

func (c *control) single(m topology.Metric, name string, f topology.Function, every awscdk.Duration) awscloudwatch.IMetric {
	namespace, dimensions := c.where(m.Source, f)
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: &namespace, MetricName: &name, DimensionsMap: &dimensions, Statistic: &m.Statistic, Period: every,
	})
}

// where returns the namespace and the dimensions of a source's metrics.
func (c *control) where(s topology.Source, f topology.Function) (namespace string, dimensions map[string]*string) {
	switch s {
	case topology.OwnMetrics:
		return metrics.Namespace, map[string]*string{metrics.Stage: jsii.String(string(c.props.Stage))}
	case topology.QueueMetrics:
		return "AWS/SQS", map[string]*string{"QueueName": c.stacks.Messaging.Escalations.QueueName()}
	case topology.DeadMetrics:
		return "AWS/SQS", map[string]*string{"QueueName": c.stacks.Messaging.Dead.QueueName()}
	case topology.TableMetrics:
		return "AWS/DynamoDB", map[string]*string{"TableName": c.stacks.Data.Table.TableName()}
	case topology.SocketMetrics:
		return "AWS/ApiGateway", map[string]*string{"ApiId": c.stacks.Socket.id(c.stack), "Stage": jsii.String(topology.Stage)}
	case topology.HTTPMetrics:
		return "AWS/ApiGateway", map[string]*string{"ApiId": c.stacks.HTTP.API.ApiId()}
	case topology.AccessMetrics:
		return c.props.accessMetrics(), nil
	case topology.TopicMetrics:
		return "AWS/SNS", map[string]*string{"TopicName": c.topic.TopicName()}
	case topology.EachFunction, topology.EachAsked:
		return "AWS/Lambda", map[string]*string{"FunctionName": c.functions[f].Function.FunctionName()}
	}
	panic(fmt.Sprintf("no source %q", s))
}

// dashboard shows all alarms, what people feel, and what each function does.
func (c *control) dashboard() {
	graph := func(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
		return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{Title: &title, Left: &metrics, Width: jsii.Number(8)})
	}
	own := func(name string) awscloudwatch.IMetric {
		return c.single(topology.Metric{Source: topology.OwnMetrics, Statistic: topology.Maximum}, name, "", minute())
	}
	each := func(name, statistic string) (all []awscloudwatch.IMetric) {
		for _, f := range topology.Functions {
			all = append(all, c.single(topology.Metric{Source: topology.EachFunction, Statistic: statistic}, name, f, minute()))
		}
		return all
	}
	awscloudwatch.NewDashboard(c.stack, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String(c.props.name("desk")),
		Widgets: &[]*[]awscloudwatch.IWidget{
			{awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{Title: jsii.String("Alarms: docs/runbooks has one page for each"), Alarms: &c.alarms, Width: jsii.Number(24)})},
			{
				graph("Waiting while somebody is free, s", own(string(metrics.WaitingWhileFree))),
				graph("Oldest escalation, s", own(string(metrics.OutboxAge)), own(string(metrics.EscalationAge))),
				graph("Queue to Linea INPS", c.single(topology.Metric{Source: topology.QueueMetrics, Statistic: topology.Maximum}, "ApproximateNumberOfMessagesVisible", "", minute()),
					c.single(topology.Metric{Source: topology.DeadMetrics, Statistic: topology.Maximum}, "ApproximateNumberOfMessagesVisible", "", minute())),
			},
			{
				graph("Invocations", each("Invocations", topology.Sum)...),
				graph("Errors", each("Errors", topology.Sum)...),
				graph("Duration, ms, p99", each("Duration", "p99")...),
			},
		},
	})
}
