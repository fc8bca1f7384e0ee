package topology

import "infocig/shared/metrics"

// An Alarm says when somebody has to look. The runbook docs/runbooks/NAME.md
// says at what.
type Alarm struct {
	Name      string
	Metric    Metric
	Threshold float64
	// Below says that the metric is wrong at or below the threshold; otherwise it
	// is at or above.
	Below   bool
	Minutes int // in a row
	// Missing says that no value is as bad as a wrong one: the source is dead.
	Missing bool
}

// A Source is what measures.
type Source string

// The sources of metrics.
const (
	OwnMetrics    Source = "service"     // our own, from the log of the sweep
	QueueMetrics  Source = "queue"       // to Linea INPS
	DeadMetrics   Source = "dead-letter" // of that queue
	TableMetrics  Source = "table"
	SocketMetrics Source = "socket" // the WebSocket API
	HTTPMetrics   Source = "http"
	EachFunction  Source = "function" // one alarm for every function
)

// Statistics.
const (
	Maximum = "Maximum"
	Sum     = "Sum"
)

// A Metric is a number for each minute.
type Metric struct {
	Source    Source
	Name      string
	Statistic string
	Plus      string // another one to add to it, if any
}

// Alarms lists every alarm but that of the budget, which is AWS Budgets' own.
var Alarms = []Alarm{
	{Name: "waiting-while-free", Metric: Metric{Source: OwnMetrics, Name: string(metrics.WaitingWhileFree), Statistic: Maximum}, Threshold: 10, Minutes: 1},
	{Name: "outbox-stalled", Metric: Metric{Source: OwnMetrics, Name: string(metrics.OutboxAge), Statistic: Maximum}, Threshold: 120, Minutes: 1},
	{Name: "oldest-escalation", Metric: Metric{Source: OwnMetrics, Name: string(metrics.EscalationAge), Statistic: Maximum}, Threshold: 15 * 60, Minutes: 1},
	{Name: "sweep-missing", Metric: Metric{Source: OwnMetrics, Name: string(metrics.Swept), Statistic: Sum}, Threshold: 0, Below: true, Minutes: 3, Missing: true},
	{Name: "queue-stalled", Metric: Metric{Source: QueueMetrics, Name: "ApproximateAgeOfOldestMessage", Statistic: Maximum}, Threshold: 10 * 60, Minutes: 1},
	{Name: "dead-letters", Metric: Metric{Source: DeadMetrics, Name: "ApproximateNumberOfMessagesVisible", Statistic: Maximum}, Threshold: 1, Minutes: 1},
	{Name: "table-throttles", Metric: Metric{Source: TableMetrics, Name: "WriteThrottleEvents", Statistic: Sum, Plus: "ReadThrottleEvents"}, Threshold: 1, Minutes: 3},
	{Name: "socket-errors", Metric: Metric{Source: SocketMetrics, Name: "IntegrationError", Statistic: Sum, Plus: "ExecutionError"}, Threshold: 1, Minutes: 2},
	{Name: "http-5xx", Metric: Metric{Source: HTTPMetrics, Name: "5xx", Statistic: Sum}, Threshold: 1, Minutes: 2},
	{Name: "function-errors", Metric: Metric{Source: EachFunction, Name: "Errors", Statistic: Sum}, Threshold: 1, Minutes: 2},
	{Name: "function-throttles", Metric: Metric{Source: EachFunction, Name: "Throttles", Statistic: Sum}, Threshold: 1, Minutes: 2},
	{Name: "function-concurrency", Metric: Metric{Source: EachFunction, Name: "ConcurrentExecutions", Statistic: Maximum}, Threshold: NearLimit, Minutes: 2},
}

// NearLimit is the part of a function's reserved concurrency, in percent, from
// which the alarm goes off: the only threshold that depends on the function.
const NearLimit = 80

// ThresholdFor returns a's for a function: what is a part of its limit as a number.
func (a Alarm) ThresholdFor(f Function) float64 {
	if a.Metric.Name == "ConcurrentExecutions" {
		return float64(Concurrency[f]) * a.Threshold / 100
	}
	return a.Threshold
}

// BudgetAlarm is the runbook of the monthly budget, and Canary that of a
// deployment that was rolled back.
const (
	BudgetAlarm = "budget"
	Canary      = "canary-errors"
)
