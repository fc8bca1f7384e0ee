package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/topology"
)

// Edge is what AWS has of a distribution in us-east-1 only: the delivery of its
// logs, and its numbers with the alarms on them. An alarm tells a topic of its own
// region.
type Edge struct{ Stack awscdk.Stack }

// recordFields are what the log has of a request. It has no address, no path and no
// query string: they are somebody's, or have ids and tickets.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
var recordFields = []string{
	"date", "time", "x-edge-location", "cs-method", "sc-status", "sc-bytes", "time-taken", "x-edge-result-type", "x-edge-detailed-result-type",
	"ssl-protocol", "cs-protocol-version", "x-edge-request-id",
}

func newEdge(app constructs.Construct, p Props, w *Web) *Edge {
	st := newStack(app, p, "edge", globalRegion, "logs and alarms of CloudFront")
	st.AddDependency(w.Stack, nil)
	of := func(name string) *string {
		return awscdk.Fn_GetStackOutput(w.Stack.StackName(), &name, &p.Owner.Region, nil)
	}
	deliver(st, p, of(distributionID), of(logsBucket))

	topic := awssns.NewTopic(st, jsii.String("Alarms"), &awssns.TopicProps{TopicName: jsii.String(p.name("alarms")), EnforceSSL: jsii.Bool(true)})
	letAlarms(topic, p)
	topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&p.Owner.AlarmEmail, nil))
	for _, a := range topology.EdgeAlarms {
		dimensions := map[string]*string{"DistributionId": of(distributionID), "Region": jsii.String("Global")}
		namespace := "AWS/CloudFront"
		if a.Metric.Source == topology.CertificateMetrics {
			namespace, dimensions = "AWS/CertificateManager", map[string]*string{"CertificateArn": &p.Owner.CertificateARN}
		}
		newAlarm(st, p, a, a.Name, awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: &namespace, MetricName: &a.Metric.Name, DimensionsMap: &dimensions, Statistic: &a.Metric.Statistic, Period: period(a),
		}), a.Threshold, awscloudwatchactions.NewSnsAction(topic))
	}
	output(st, "AlarmTopic", topic.TopicArn())
	return &Edge{Stack: st}
}

// deliver sends the logs of the distribution to its bucket. They are of the second
// kind: those of the first do not go to buckets of regions that an account opts into,
// such as eu-south-1.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
func deliver(st awscdk.Stack, p Props, distribution, bucket *string) {
	source := awslogs.NewCfnDeliverySource(st, jsii.String("LogSource"), &awslogs.CfnDeliverySourceProps{
		Name: jsii.String(p.name("cdn")), LogType: jsii.String("ACCESS_LOGS"),
		ResourceArn: awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String("arn:aws:cloudfront::" + p.Owner.Account + ":distribution/"), distribution}),
	})
	to := awslogs.NewCfnDeliveryDestination(st, jsii.String("LogDestination"), &awslogs.CfnDeliveryDestinationProps{
		Name: jsii.String(p.name("cdn")), OutputFormat: jsii.String("json"),
		DestinationResourceArn: awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String("arn:aws:s3:::"), bucket}),
	})
	delivery := awslogs.NewCfnDelivery(st, jsii.String("LogDelivery"), &awslogs.CfnDeliveryProps{
		DeliverySourceName: source.Name(), DeliveryDestinationArn: to.AttrArn(), RecordFields: jsii.Strings(recordFields...),
	})
	delivery.AddDependency(source)
}

// letDelivery lets the service that delivers logs write to the bucket.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
func letDelivery(bucket awss3.Bucket, p Props) {
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("LogDelivery"), Actions: jsii.Strings("s3:PutObject"), Resources: &[]*string{bucket.ArnForObjects(jsii.String("*"))},
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("delivery.logs.amazonaws.com"), nil)},
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": p.Owner.Account, "s3:x-amz-acl": "bucket-owner-full-control"},
			"ArnLike":      map[string]any{"aws:SourceArn": "arn:aws:logs:" + globalRegion + ":" + p.Owner.Account + ":delivery-source:*"},
		},
	}))
}

// letAlarms lets the alarms of the account publish to the topic: a topic with a
// policy of its own has lost the one that lets the account do so.
// https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
func letAlarms(topic awssns.Topic, p Props) {
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("Alarms"), Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": p.Owner.Account}},
	}))
}
