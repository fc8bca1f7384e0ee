package topology

import "infocig/shared/aws/metrics"

// The functions of no area.
const (
	Look     Function = "look"     // looks at the service from outside
	Rehearse Function = "rehearse" // calls new versions of the others
)

func init() {
	add(Area{
		Functions: []Spec{
			// A dozen answers of ten seconds at most.
			{Function: Look, Concurrency: 1, Timeout: 120, AtOnce: true, Table: []string{getItem, putItem, updateItem}},
			{Function: Rehearse, Concurrency: 15, Timeout: 120, AtOnce: true}, // all others move at the same time
		},
		Schedules: []Schedule{{Look, 5, "", map[string]any{}}},
		Alarms: []Alarm{
			{Name: "look-failed", Metric: Metric{Source: OwnMetrics, Name: string(metrics.LookFailed), Statistic: Maximum}, Threshold: 1, Times: 2, Every: 5, Missing: true},
		},
	})
}
