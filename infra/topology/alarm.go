package topology

import (
	"slices"

	"infocig/shared/aws/metrics"
)

// An Alarm says when somebody has to look. The runbook docs/runbooks/NAME.md
// says at what.
type Alarm struct {
	Name      string
	Metric    Metric
	Threshold float64
	// Below says that the metric is wrong at or below the threshold; otherwise it
	// is at or above.
	Below bool
	Times int // in a row
	// Every is how many minutes one value is for; 1 if it does not say.
	Every int
	// Missing says that no value is as bad as a wrong one: the source is dead.
	Missing bool
}

// A Source is what measures.
type Source string

// The sources of metrics.
const (
	OwnMetrics    Source = "service"     // our own, from the logs of functions
	QueueMetrics  Source = "queue"       // to Linea INPS
	DeadMetrics   Source = "dead-letter" // of that queue
	TableMetrics  Source = "table"
	SocketMetrics Source = "socket" // the WebSocket API
	HTTPMetrics   Source = "http"
	AccessMetrics Source = "access"   // counted in the access log of the HTTP API
	TopicMetrics  Source = "topic"    // that alarms tell
	EachFunction  Source = "function" // one alarm for every function
	EachAsked     Source = "asked"    // one for every function that people's requests call

	// In us-east-1 only.
	CDNMetrics         Source = "cdn"
	CertificateMetrics Source = "certificate"
)

// Unauthorized is how many requests the HTTP API answered with 401.
const Unauthorized = "Unauthorized"

// Statistics.
const (
	Maximum = "Maximum"
	Minimum = "Minimum"
	Average = "Average"
	Sum     = "Sum"
)

// A Metric is a number for each minute, or whatever the alarm says.
type Metric struct {
	Source    Source
	Name      string
	Statistic string
	Plus      string // another one to add to it, if any
}

// day is one in minutes.
const day = 24 * 60

// Alarms lists every alarm of the owner's region: those of all areas, and each area's own.
// The budget's is AWS Budgets' own.
var Alarms = []Alarm{
	{Name: "issuer-unreachable", Metric: Metric{Source: OwnMetrics, Name: string(metrics.IssuerUnreachable), Statistic: Sum}, Threshold: 1, Times: 2},
	{Name: "queue-stalled", Metric: Metric{Source: QueueMetrics, Name: "ApproximateAgeOfOldestMessage", Statistic: Maximum}, Threshold: 10 * 60, Times: 1},
	{Name: "dead-letters", Metric: Metric{Source: DeadMetrics, Name: "ApproximateNumberOfMessagesVisible", Statistic: Maximum}, Threshold: 1, Times: 1},
	{Name: "table-throttles", Metric: Metric{Source: TableMetrics, Name: "WriteThrottleEvents", Statistic: Sum, Plus: "ReadThrottleEvents"}, Threshold: 1, Times: 3},
	{Name: "socket-errors", Metric: Metric{Source: SocketMetrics, Name: "IntegrationError", Statistic: Sum, Plus: "ExecutionError"}, Threshold: 1, Times: 2},
	{Name: "http-5xx", Metric: Metric{Source: HTTPMetrics, Name: "5xx", Statistic: Sum}, Threshold: 1, Times: 2},
	// An expired token is renewed, and one that was refused is not sent again: this
	// many come when an issuer or its keys have changed.
	{Name: "refused", Metric: Metric{Source: AccessMetrics, Name: Unauthorized, Statistic: Sum}, Threshold: 60, Times: 5},
	{Name: "alarms-undelivered", Metric: Metric{Source: TopicMetrics, Name: "NumberOfNotificationsFailed", Statistic: Sum}, Threshold: 1, Times: 1},
	{Name: "function-errors", Metric: Metric{Source: EachFunction, Name: "Errors", Statistic: Sum}, Threshold: 1, Times: 2},
	{Name: "function-throttles", Metric: Metric{Source: EachAsked, Name: "Throttles", Statistic: Sum}, Threshold: 1, Times: 2},
	{Name: "function-concurrency", Metric: Metric{Source: EachAsked, Name: ConcurrentExecutions, Statistic: Maximum}, Threshold: NearLimit, Times: 2},
}

// EdgeAlarms are those of us-east-1: CloudFront and its certificate have their
// numbers there only.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
var EdgeAlarms = []Alarm{
	{Name: "cdn-5xx", Metric: Metric{Source: CDNMetrics, Name: "5xxErrorRate", Statistic: Average}, Threshold: 5, Times: 5},
	{Name: "certificate-ends", Metric: Metric{Source: CertificateMetrics, Name: "DaysToExpiry", Statistic: Minimum}, Threshold: 30, Below: true, Times: 1, Every: day},
}

// NearLimit is the part of a function's reserved concurrency, in percent, from
// which the alarm goes off: the only threshold that depends on the function.
const NearLimit = 80

// ConcurrentExecutions of a function have a limit only where it is reserved.
const ConcurrentExecutions = "ConcurrentExecutions"

// ThresholdFor returns a's for a function: what is a part of its limit as a number.
func (a Alarm) ThresholdFor(f Function) float64 {
	if a.Metric.Name == ConcurrentExecutions {
		return float64(ConcurrencyOf(f)) * a.Threshold / 100
	}
	return a.Threshold
}

// Of returns the functions that there is an alarm of each for, nil if it is of none. What
// schedules and the queue call has alarms of its own that say when it does not run.
func (a Alarm) Of() []Function {
	switch a.Metric.Source {
	case EachFunction:
		return Functions
	case EachAsked:
		return slices.DeleteFunc(slices.Clone(Functions), func(f Function) bool { return !specs[f].Asked })
	}
	return nil
}

// BudgetAlarm is the runbook of the monthly budget, and Canary that of a
// deployment that was rolled back.
const (
	BudgetAlarm = "budget"
	Canary      = "canary-errors"
)
