package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/topology"
)

// Messaging is the queue to Linea INPS and that of its dead letters.
type Messaging struct {
	Stack       awscdk.Stack
	Escalations awssqs.Queue
	Dead        awssqs.Queue
}

func newMessaging(app constructs.Construct, p Props, d *Data) *Messaging {
	st := newStack(app, p, "messaging", p.Owner.Region, "the queue to Linea INPS")
	m := &Messaging{Stack: st}
	m.Dead = awssqs.NewQueue(st, jsii.String("Dead"), &awssqs.QueueProps{
		QueueName:           jsii.String(p.name(topology.DeadLetter)),
		EncryptionMasterKey: d.Key,
		EnforceSSL:          jsii.Bool(true),
		RetentionPeriod:     awscdk.Duration_Days(jsii.Number(topology.DeadDays)),
		RemovalPolicy:       p.removal(),
	})
	m.Escalations = awssqs.NewQueue(st, jsii.String("Escalations"), &awssqs.QueueProps{
		QueueName:           jsii.String(p.name(topology.Queue)),
		EncryptionMasterKey: d.Key,
		EnforceSSL:          jsii.Bool(true),
		VisibilityTimeout:   awscdk.Duration_Seconds(jsii.Number(topology.Visibility)),
		DeadLetterQueue:     &awssqs.DeadLetterQueue{Queue: m.Dead, MaxReceiveCount: jsii.Number(topology.MaxReceive)},
		RemovalPolicy:       p.removal(),
	})
	output(st, "QueueName", m.Escalations.QueueName())
	output(st, "DeadLetterQueueName", m.Dead.QueueName())
	return m
}
