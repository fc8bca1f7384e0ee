package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"infocig/infra/topology"
	"infocig/local/gateway"
	"infocig/local/queue"
)

// faults are the misbehaviours of the platform that were asked for, with the
// chance of each.
type faults map[fault]float64

type fault string

// The faults, each allowed by docs/design.md, "Platform".
const (
	dropDisconnect fault = "disconnect" // $disconnect never comes
	postGone       fault = "gone"       // a post to a client is answered with 410
	postThrottled  fault = "throttle"   // or with 429
	duplicate      fault = "duplicate"  // a message of the queue or the schedule comes twice
	delay          fault = "delay"      // an invocation starts late, so that messages overtake each other
	lostReply      fault = "lost"       // a function has done it, and its answer gets lost
)

// what each fault does, and its usual chance.
var known = map[fault]struct {
	chance float64
	help   string
}{
	dropDisconnect: {1, "$disconnect never comes"},
	postGone:       {0.1, "a post to a client is answered with 410"},
	postThrottled:  {0.1, "a post to a client is answered with 429"},
	duplicate:      {0.2, "a message of the queue or the schedule comes twice"},
	delay:          {0.2, "an invocation starts up to 300 ms late"},
	lostReply:      {0.05, "a function has done it, and its answer gets lost"},
}

const maxDelay = 300 * time.Millisecond

func faultsHelp() string {
	var lines []string
	for _, f := range slices.Sorted(maps.Keys(known)) {
		lines = append(lines, fmt.Sprintf("%-10s %s (chance %v)", f, known[f].help, known[f].chance))
	}
	return strings.Join(lines, "\n")
}

func parseFaults(list string) (faults, error) {
	all := faults{}
	for part := range strings.SplitSeq(list, ",") {
		name, value, chosen := strings.Cut(strings.TrimSpace(part), "=")
		if name == "" {
			continue
		}
		if name == "all" && !chosen {
			for f, k := range known {
				all[f] = cmp.Or(all[f], k.chance)
			}
			continue
		}
		k, ok := known[fault(name)]
		if !ok {
			return nil, fmt.Errorf("-faults %s: want all or some of %s", name, joined(slices.Sorted(maps.Keys(known))))
		}
		chance := k.chance
		if chosen {
			var err error
			if chance, err = strconv.ParseFloat(value, 64); err != nil || !(chance >= 0 && chance <= 1) {
				return nil, fmt.Errorf("-faults %s: want a chance from 0 to 1", part)
			}
		}
		all[fault(name)] = chance
	}
	return all, nil
}

func joined(all []fault) string {
	var names []string
	for _, f := range all {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// happens reports whether the fault strikes now.
func (f faults) happens(what fault) bool { return rand.Float64() < f[what] } //nolint:gosec // no secret

// gateway returns the faults of the gateway.
func (f faults) gateway() gateway.Faults {
	return gateway.Faults{
		Disconnect: func(string) (time.Duration, bool) { return 0, f.happens(dropDisconnect) },
		Post: func(string) error {
			switch {
			case f.happens(postGone):
				return gateway.Gone
			case f.happens(postThrottled):
				return gateway.LimitExceeded
			}
			return nil
		},
	}
}

var errLost = errors.New("the answer got lost")

// faulty invokes functions as the faults have it.
type faulty struct {
	inner  gateway.Invoker
	faults faults
}

// Invoke implements gateway.Invoker.
func (f faulty) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	if f.faults.happens(delay) {
		select {
		case <-time.After(rand.N(maxDelay)): //nolint:gosec // no secret
		case <-ctx.Done():
		}
	}
	result, err := f.inner.Invoke(ctx, function, payload)
	if err == nil && function == string(topology.Sweep) && f.faults.happens(duplicate) {
		result, err = f.inner.Invoke(ctx, function, payload)
	}
	if err == nil && f.faults.happens(lostReply) {
		return nil, errLost
	}
	return result, err
}

// doubling is a queue in which messages may come twice.
type doubling struct {
	queue.Queue
	faults faults
}

// Send implements queue.Queue.
func (d doubling) Send(ctx context.Context, body string) error {
	err := d.Queue.Send(ctx, body)
	if err == nil && d.faults.happens(duplicate) {
		err = d.Queue.Send(ctx, body)
	}
	return err
}
