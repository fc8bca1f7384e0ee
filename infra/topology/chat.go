package topology

import "infocig/shared/aws/metrics"

// The functions of the chat.
const (
	Authorize  Function = "authorize"
	Connect    Function = "connect"
	Disconnect Function = "disconnect"
	Message    Function = "message"
	Citizen    Function = "citizen"
	Advisor    Function = "advisor"
	Operator   Function = "operator"
	Sweep      Function = "sweep"
	Escalate   Function = "escalate"
	Webhook    Function = "webhook"
	Retain     Function = "retain"
)

// The schedule of the sweep: every so many minutes it is called, and while anybody
// is there, or may come, it looks so often, every ten seconds.
const (
	SweepEvery = 1
	SweepLooks = 6
)

func init() {
	add(Area{
		Functions: []Spec{
			{Function: Authorize, Concurrency: 50, Asked: true, Table: []string{deleteItem}},
			{Function: Connect, Concurrency: 50, Asked: true, Table: []string{query, getItem, putItem, updateItem}},
			{Function: Disconnect, Concurrency: 50, Asked: true, Table: []string{query, getItem, putItem, updateItem}},
			{Function: Message, Concurrency: 300, Asked: true, Table: []string{query, getItem, putItem, updateItem, deleteItem}},
			{Function: Citizen, Concurrency: 100, Asked: true, Table: []string{query, getItem, putItem, updateItem, deleteItem}},
			{Function: Advisor, Concurrency: 50, Asked: true, Table: []string{query, getItem, putItem, updateItem, deleteItem}},
			{Function: Operator, Concurrency: 5, Table: []string{query, getItem, putItem, deleteItem}},
			// The sweep stays for most of its minute, and the last one before the desk opens until
			// it has opened; AWS calls it at any second of the minute, so one may still run when
			// the next begins.
			// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
			{Function: Sweep, Concurrency: 2, Timeout: SweepEvery*60 + Timeout, Table: []string{query, getItem, putItem, updateItem, deleteItem}},
			{Function: Escalate, Concurrency: 5, Table: []string{query, getItem, putItem}}, // Linea INPS is spared: SQS waits
			{Function: Webhook, Concurrency: 20, Asked: true},
			// A retention may take the most time that there is; what is left over is for the next night.
			{Function: Retain, Concurrency: 1, Timeout: 15 * 60, AtOnce: true, Table: []string{query, getItem, updateItem, deleteItem}},
		},
		Socket: map[string]SocketRoute{
			"$connect":    {Function: Connect},
			"$disconnect": {Function: Disconnect},
			"$default":    {Function: Message, Response: true},
		},
		HTTP: map[string]HTTPRoute{
			"GET /v1/availability":                     {Function: Citizen, Rate: 200},
			"GET /v1/me":                               {Function: Citizen},
			"GET /v1/cases":                            {Function: Citizen},
			"POST /v1/tickets":                         {Function: Citizen, Rate: 500},
			"POST /v1/slips":                           {Function: Citizen},
			"POST /v1/logout":                          {Function: Citizen},
			"GET /v1/escalations":                      {Function: Citizen},
			"GET /v1/conversations/{id}/transcript":    {Function: Citizen},
			"POST /v1/advisor/tickets":                 {Function: Advisor, Door: staff},
			"POST /v1/advisor/logout":                  {Function: Advisor, Door: staff},
			"GET /v1/advisor/colleagues":               {Function: Advisor, Door: staff},
			"GET /v1/advisor/escalations":              {Function: Advisor, Door: staff},
			"GET /v1/advisor/conversations/{id}/cases": {Function: Advisor, Door: staff},
			"GET /v1/advisor/conversations/{id}/notes": {Function: Advisor, Door: staff},
			"GET /v1/supervisor/waiting":               {Function: Operator, Door: staff},
			"GET /v1/supervisor/waiting/{id}":          {Function: Operator, Door: staff},
			"POST /v1/supervisor/waiting/{id}/front":   {Function: Operator, Door: staff},
			"GET /v1/operator/rules":                   {Function: Operator, Door: staff},
			"PUT /v1/operator/rules":                   {Function: Operator, Door: staff},
			"POST /v1/operator/closure":                {Function: Operator, Door: staff},
			"POST /v1/lineainps/events":                {Function: Webhook},
		},
		Schedules: []Schedule{
			{Sweep, SweepEvery, "", map[string]any{"looks": SweepLooks}},
			{Retain, day, "cron(30 3 * * ? *)", map[string]any{}}, // nobody is there
		},
		Alarms: []Alarm{
			{Name: "waiting-while-free", Metric: Metric{Source: OwnMetrics, Name: string(metrics.WaitingWhileFree), Statistic: Maximum}, Threshold: 10, Times: 1},
			{Name: "waiting-unattended", Metric: Metric{Source: OwnMetrics, Name: string(metrics.WaitingUnattended), Statistic: Maximum}, Threshold: 1, Times: 3},
			{Name: "outbox-stalled", Metric: Metric{Source: OwnMetrics, Name: string(metrics.OutboxAge), Statistic: Maximum}, Threshold: 120, Times: 1},
			{Name: "oldest-escalation", Metric: Metric{Source: OwnMetrics, Name: string(metrics.EscalationAge), Statistic: Maximum}, Threshold: 15 * 60, Times: 1},
			{Name: "sweep-missing", Metric: Metric{Source: OwnMetrics, Name: string(metrics.Swept), Statistic: Sum}, Threshold: 0, Below: true, Times: 3, Missing: true},
			// A retention each night: two without one are too many.
			{Name: "retention-missing", Metric: Metric{Source: OwnMetrics, Name: string(metrics.Retained), Statistic: Sum}, Threshold: 0, Below: true, Times: 2, Every: day, Missing: true},
		},
	})
}
