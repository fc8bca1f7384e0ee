// Package metrics writes numbers that alarms look at: as lines of a function's log
// from which CloudWatch takes them, so that no call and no permission is needed.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package metrics

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"
)

// Namespace of the metrics. They have one dimension, Stage.
const (
	Namespace = "INFOCIG"
	Stage     = "Stage"
)

// A Name of a metric.
type Name string

// The metrics: of every sweep, of what verifies tokens, of retention and of the look
// from outside.
const (
	// WaitingWhileFree is for how many seconds somebody has waited although an
	// advisor is free; 0 if nobody does.
	WaitingWhileFree Name = "WaitingWhileFree"
	// WaitingUnattended is how many people wait for a topic that nobody serves, while the
	// desk is open.
	WaitingUnattended Name = "WaitingUnattended"
	// OutboxAge is how old the oldest escalation is that has not been sent on, in
	// seconds.
	OutboxAge Name = "OutboxAge"
	// EscalationAge is how old the oldest escalation is that Linea INPS has not
	// taken, in seconds.
	EscalationAge Name = "EscalationAge"
	// Swept is 1 for a sweep that came to its end without an error.
	Swept Name = "Swept"
	// IssuerUnreachable is 1 for a fetch of an issuer's keys that failed.
	IssuerUnreachable Name = "IssuerUnreachable"
	// Retained is 1 for a retention that came to its end, and RetainedConversations how
	// many it has deleted.
	Retained              Name = "Retained"
	RetainedConversations Name = "RetainedConversations"
	// LookFailed is how many things of those that were looked at from outside are wrong.
	LookFailed Name = "LookFailed"
)

// Names are all metrics: each costs money.
var Names = []Name{
	WaitingWhileFree, WaitingUnattended, OutboxAge, EscalationAge, Swept, IssuerUnreachable, Retained, RetainedConversations, LookFailed,
}

type (
	document struct {
		At      int64       `json:"Timestamp"`
		Metrics []directive `json:"CloudWatchMetrics"`
	}
	directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []definition
	}
	definition struct{ Name Name }
)

// Write writes a line with the values, measured at that time.
func Write(w io.Writer, stage string, at time.Time, values map[Name]float64) error {
	d := directive{Namespace: Namespace, Dimensions: [][]string{{Stage}}}
	line := map[string]any{Stage: stage}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		d.Metrics = append(d.Metrics, definition{name})
		line[string(name)] = values[name]
	}
	line["_aws"] = document{At: at.UnixMilli(), Metrics: []directive{d}}
	return json.NewEncoder(w).Encode(line)
}
