package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"infocig/infra/topology"
)

// Global is what AWS has in us-east-1 only: the web ACL of CloudFront, and the
// budget. The web ACL sees addresses and paths and keeps nothing: no log goes
// there.
type Global struct {
	Stack awscdk.Stack
}

// globalRegion is where CloudFront looks for certificates and web ACLs.
const globalRegion = "us-east-1"

func newGlobal(app constructs.Construct, p Props) *Global {
	st := newStack(app, p, "global", globalRegion, "the web ACL of CloudFront, and the budget")
	newBudget(st, p)
	if p.Owner.WAF == "on" {
		output(st, webACL, newACL(st, p).AttrArn())
	}
	return &Global{Stack: st}
}

// webACL is the output with the ARN.
const webACL = "WebAclArn"

// acl returns the ARN of the web ACL, for a stack of another region.
func (g *Global) acl() *string {
	return awscdk.Fn_GetStackOutput(g.Stack.StackName(), jsii.String(webACL), jsii.String(globalRegion), nil)
}

// requestsOfOneAddress is how many requests one address may make in five minutes.
// An office of a consultant is behind one address.
const requestsOfOneAddress = 3000

func newACL(st awscdk.Stack, p Props) awswafv2.CfnWebACL {
	visible := func(name string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
		return &awswafv2.CfnWebACL_VisibilityConfigProperty{CloudWatchMetricsEnabled: true, SampledRequestsEnabled: false, MetricName: &name}
	}
	rules := []any{&awswafv2.CfnWebACL_RuleProperty{
		Name: jsii.String("rate"), Priority: jsii.Number(0), VisibilityConfig: visible("rate"),
		Action:    &awswafv2.CfnWebACL_RuleActionProperty{Block: map[string]any{}},
		Statement: &awswafv2.CfnWebACL_StatementProperty{RateBasedStatement: &awswafv2.CfnWebACL_RateBasedStatementProperty{Limit: jsii.Number(requestsOfOneAddress), AggregateKeyType: jsii.String("IP")}},
	}}
	for i, group := range []string{"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"} {
		rules = append(rules, &awswafv2.CfnWebACL_RuleProperty{
			Name: &group, Priority: jsii.Number(float64(i + 1)), VisibilityConfig: visible(group),
			OverrideAction: &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}},
			Statement:      &awswafv2.CfnWebACL_StatementProperty{ManagedRuleGroupStatement: &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{VendorName: jsii.String("AWS"), Name: &group}},
		})
	}
	return awswafv2.NewCfnWebACL(st, jsii.String("Acl"), &awswafv2.CfnWebACLProps{
		Name: jsii.String(p.name("pages")), Scope: jsii.String("CLOUDFRONT"), VisibilityConfig: visible(p.name("pages")), Rules: rules,
		DefaultAction: &awswafv2.CfnWebACL_DefaultActionProperty{Allow: map[string]any{}},
	})
}

// newBudget tells when the month's bill nears, or is going to exceed, what the
// owner means to spend.
func newBudget(st awscdk.Stack, p Props) {
	notification := func(kind string, percent float64) *awsbudgets.CfnBudget_NotificationWithSubscribersProperty {
		return &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
			Notification: &awsbudgets.CfnBudget_NotificationProperty{
				NotificationType: &kind, Threshold: &percent, ThresholdType: jsii.String("PERCENTAGE"), ComparisonOperator: jsii.String("GREATER_THAN"),
			},
			Subscribers: []any{&awsbudgets.CfnBudget_SubscriberProperty{SubscriptionType: jsii.String("EMAIL"), Address: &p.Owner.AlarmEmail}},
		}
	}
	awsbudgets.NewCfnBudget(st, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetName:  jsii.String(p.name(topology.BudgetAlarm)),
			BudgetType:  jsii.String("COST"),
			TimeUnit:    jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: jsii.Number(float64(p.Owner.MonthlyBudgetUSD)), Unit: jsii.String("USD")},
		},
		NotificationsWithSubscribers: []any{notification("ACTUAL", 80), notification("FORECASTED", 100)},
	})
}
