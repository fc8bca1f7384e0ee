// Package topology is the shape of the deployment as plain values: functions and
// what they may do, routes, the queue, the schedule, the alarms. The CDK stacks
// build from it, and the local gateway runs it: a route cannot exist in one and
// not in the other.
//
// Each area has its rows in a file of its own, which adds them: chat.go, platform.go. A new
// area adds a file here, and one with the sets of its functions to package env.
package topology

import (
	"fmt"
	"slices"
	"strings"

	"infocig/shared/app/env"
)

// A Function is a Lambda, by the name of its folder under functions.
type Function string

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

// Memory of each function, in MB. Lambda gives processor time in proportion: at
// 256 a sixth of one, which is enough for what waits for DynamoDB.
const Memory = 256

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
