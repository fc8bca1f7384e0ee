package topology

import (
	"maps"
	"slices"
)

// An Area is the rows of a part of the product.
type Area struct {
	Functions []Spec
	Socket    map[string]SocketRoute // by their keys
	HTTP      map[string]HTTPRoute
	Schedules []Schedule
	Alarms    []Alarm // beside those that every area has
}

// A Spec is what the deployment knows of a function; env has its variables.
type Spec struct {
	Function Function

	// Concurrency is how many invocations run at once, at most: what one function is
	// flooded with leaves the others their share, and all of them leave the account more
	// than the 100 that AWS keeps unreserved of 1,000.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
	Concurrency int

	// Timeout is how long an invocation may take, in seconds, if it is not Timeout.
	Timeout int

	// Asked says that people's requests call it, so that its throttles are seen.
	Asked bool

	// AtOnce says that a new version gets all calls at once. What is called every five
	// minutes, or less often, would get none of them in a canary, and has an alarm of its
	// own that says when it fails.
	AtOnce bool

	// Table is the actions on the table.
	Table []string
}

// What all areas together have.
var (
	Functions []Function // every one
	Socket    map[string]SocketRoute
	HTTP      map[string]HTTPRoute
	Schedules []Schedule

	specs map[Function]Spec
)

// add joins an area to the others. The file of each area calls it in its init; Go runs these
// in the order of the files' names.
func add(a Area) {
	if specs == nil {
		specs, Socket, HTTP = map[Function]Spec{}, map[string]SocketRoute{}, map[string]HTTPRoute{}
	}
	for _, s := range a.Functions {
		Functions = append(Functions, s.Function)
		specs[s.Function] = s
	}
	maps.Copy(Socket, a.Socket)
	maps.Copy(HTTP, a.HTTP)
	Schedules = append(Schedules, a.Schedules...)
	Alarms = slices.Concat(a.Alarms, Alarms)
}

// TimeoutOf is how long an invocation of f may take, in seconds.
func TimeoutOf(f Function) int {
	if t := specs[f].Timeout; t > 0 {
		return t
	}
	return Timeout
}

// Canary reports whether a new version of f gets a tenth of the calls at first.
func (f Function) Canary() bool { return !specs[f].AtOnce }

// ConcurrencyOf is how many invocations of f run at once, at most.
func ConcurrencyOf(f Function) int { return specs[f].Concurrency }
