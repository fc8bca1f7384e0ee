// Package topology is the shape of the deployment as plain values: functions and
// what they may do, routes, the queue, the schedule, the alarms. The CDK stacks
// build from it, and the local gateway runs it: a route cannot exist in one and
// not in the other.
package topology

import (
	"fmt"
	"slices"
	"strings"

	"infocig/shared/app/env"
)

// A Function is a Lambda, by the name of its folder under functions.
type Function string

// The functions.
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
	Look       Function = "look"
	Rehearse   Function = "rehearse" // calls new versions of the others
)

// Functions lists every function.
var Functions = []Function{Authorize, Connect, Disconnect, Message, Citizen, Advisor, Operator, Sweep, Escalate, Webhook, Retain, Look, Rehearse}

// Description is what a function says of itself: its folder, and the release that its
// version belongs to.
func Description(f Function, release string) string {
	return "INFO CIG: functions/" + string(f) + releaseIs + release
}

const releaseIs = ", release "

// NoRelease is the release of what was not deployed by "make deploy".
const NoRelease = "none"

// ReleaseIn returns the release in a Description; "" if it names none, or NoRelease.
func ReleaseIn(description string) string {
	_, release, _ := strings.Cut(description, releaseIs)
	if release == NoRelease {
		return ""
	}
	return release
}

// Alias is what everything calls a function by.
const Alias = "live"

// Set is the variables that the function needs.
func (f Function) Set() env.Set { return env.Sets[string(f)] }

// Has reports whether the function needs a variable.
func (f Function) Has(name env.Name) bool { return slices.Contains(f.Set(), name) }

// Timeout is how long an invocation may take, in seconds. A write needs three:
// one is kept for the answer, and none begins with less than two left.
const Timeout = 15

// TimeoutOf is how long an invocation of f may take, in seconds: the sweep stays
// for most of its minute, and the last one before the desk opens until it has opened.
// AWS calls it at any second of the minute.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
func TimeoutOf(f Function) int {
	switch f {
	case Sweep:
		return SweepEvery*60 + Timeout
	case Retain:
		return 15 * 60 // the most that there is; what is left over is for the next night
	case Look, Rehearse:
		return 120 // a dozen answers of ten seconds at most; a look, and what is around it
	}
	return Timeout
}

// Canary reports whether a new version of f gets a tenth of the calls at first. What is
// called every five minutes, or less often, would get none of them in its canary; each
// of these has an alarm that says when it fails.
func (f Function) Canary() bool { return f != Retain && f != Look && f != Rehearse }

// Memory of each function, in MB. Lambda gives processor time in proportion: at
// 256 a sixth of one, which is enough for what waits for DynamoDB.
const Memory = 256

// Concurrency is how many invocations of a function run at once, at most: what
// one function is flooded with leaves the others their share, and all of them
// leave the account more than the 100 that AWS keeps unreserved of 1,000.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
var Concurrency = map[Function]int{
	Authorize: 50, Connect: 50, Disconnect: 50, Message: 300, Citizen: 100, Advisor: 50, Operator: 5,
	Sweep: 2, // one may still run when the next begins
	// Linea INPS is spared: SQS waits.
	Escalate: 5,
	Webhook:  20,
	Retain:   1, Look: 1,
	Rehearse: 15, // all others move at the same time
}

// The schedule of the sweep: every so many minutes it is called, and while anybody
// is there, or may come, it looks so often, every ten seconds.
const (
	SweepEvery = 1
	SweepLooks = 6
)

// A Schedule calls a function.
type Schedule struct {
	Function Function
	Every    int    // minutes between two calls
	At       string // of the day, in Italy's time, as EventBridge Scheduler has it; "" for any
	Event    map[string]any
}

// Expression returns when it calls, as EventBridge Scheduler has it.
func (s Schedule) Expression() string {
	switch {
	case s.At != "":
		return s.At
	case s.Every == 1:
		return "rate(1 minute)"
	}
	return fmt.Sprintf("rate(%d minutes)", s.Every)
}

// Schedules are what nobody asks for.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
var Schedules = []Schedule{
	{Sweep, SweepEvery, "", map[string]any{"looks": SweepLooks}},
	{Look, 5, "", map[string]any{}},
	{Retain, day, "cron(30 3 * * ? *)", map[string]any{}}, // nobody is there
}
