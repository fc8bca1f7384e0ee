package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
)

// A model is a store that takes its time and its units like DynamoDB: a write takes
// 5 to 12 ms, a transaction 10 to 25, a read 3 to 7; an item that is written by many
// takes 1,000 write units a second and 3,000 read units, and refuses the rest. Units
// are those of items of at most 1 KB. docs/design.md, "Platform".
type model struct {
	store.Store

	mu      sync.Mutex
	rng     *rand.Rand
	units   Units
	writes  map[string]*window
	reads   map[string]*window
	glances map[queue.Topic]glance
	takes   []queue.ConversationID       // in the order in which tickets were taken
	calls   map[queue.ConversationID]int // in which order they were called, from 1
}

// Units are what a day has consumed.
type Units struct {
	Writes    float64 `json:"writes"`
	Reads     float64 `json:"reads"`
	Throttled int     `json:"throttled"`
}

// Limits of an item or a partition, in units per second.
const (
	mostWrites = 1000
	mostReads  = 3000
)

// A glance is what somebody who glances sees: it may be 10 ms old.
type glance struct {
	at   time.Time
	line queue.Line
}

func newModel(backing store.Store, seed uint64) *model {
	return &model{
		Store: backing, rng: newRand(seed, 2), writes: map[string]*window{}, reads: map[string]*window{}, glances: map[queue.Topic]glance{},
		calls: map[queue.ConversationID]int{},
	}
}

// A window counts the units of the last second.
type window struct {
	spent []spent
	sum   float64
	peak  float64
}

type spent struct {
	at    time.Time
	units float64
}

// take spends units, unless there would be more than most in a second.
func (w *window) take(at time.Time, units, most float64) bool {
	for len(w.spent) > 0 && at.Sub(w.spent[0].at) >= time.Second {
		w.sum -= w.spent[0].units
		w.spent = w.spent[1:]
	}
	if w.sum+units > most {
		return false
	}
	w.spent = append(w.spent, spent{at, units})
	w.sum += units
	w.peak = max(w.peak, w.sum)
	return true
}

func windowOf(all map[string]*window, key string) *window {
	if all[key] == nil {
		all[key] = &window{}
	}
	return all[key]
}

// wait lets the time of a request pass.
func (m *model) wait(from, to time.Duration) {
	m.mu.Lock()
	d := from + time.Duration(m.rng.Int64N(int64(to-from)))
	m.mu.Unlock()
	time.Sleep(d)
}

// write is a write of units to an item that many write; "" for one that is one's own.
func (m *model) write(key string, units float64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.units.Writes += units
	return m.spend(m.writes, key, units, mostWrites)
}

// read is the same of reads.
func (m *model) read(key string, units float64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.units.Reads += units
	return m.spend(m.reads, key, units, mostReads)
}

// spend takes units of an item, unless that would be more than most in a second.
func (m *model) spend(all map[string]*window, key string, units, most float64) error {
	if key != "" && !windowOf(all, key).take(time.Now(), units, most) {
		m.units.Throttled++
		return code.Throttled
	}
	return nil
}

func counterName(topic queue.Topic, shard int) string {
	return fmt.Sprint("counter ", topic, " ", shard)
}

func (m *model) Take(ctx context.Context, topic queue.Topic, shard int) (queue.Ticket, int, error) {
	m.wait(5*time.Millisecond, 12*time.Millisecond)
	if err := m.write(counterName(topic, shard), 1); err != nil {
		return queue.Ticket{}, 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t, called, err := m.Store.Take(ctx, topic, shard)
	m.takes = append(m.takes, t.Conversation())
	return t, called, err
}

func (m *model) Call(ctx context.Context, topic queue.Topic, shard, from, n int) (int, error) {
	m.wait(5*time.Millisecond, 12*time.Millisecond)
	if err := m.write(counterName(topic, shard), 1); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	left, err := m.Store.Call(ctx, topic, shard, from, n)
	for i := 1; err == nil && i <= n; i++ {
		m.calls[queue.Ticket{Topic: topic, Shard: shard, N: from + i}.Conversation()] = len(m.calls) + 1
	}
	return left, err
}

func (m *model) Line(ctx context.Context, topic queue.Topic, shards int) (queue.Line, error) {
	m.wait(3*time.Millisecond, 7*time.Millisecond)
	for i := range shards {
		if err := m.read(counterName(topic, i), 1); err != nil {
			return queue.Line{}, err
		}
	}
	return m.Store.Line(ctx, topic, shards)
}

func (m *model) Glance(ctx context.Context, topic queue.Topic, shards int) (queue.Line, error) {
	const old = 10 * time.Millisecond
	m.wait(3*time.Millisecond, 7*time.Millisecond)
	for i := range shards {
		if err := m.read(counterName(topic, i), 0.5); err != nil {
			return queue.Line{}, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.glances[topic]
	if time.Since(g.at) >= old {
		line, err := m.Store.Line(ctx, topic, shards)
		if err != nil {
			return line, err
		}
		g = glance{time.Now(), line}
		m.glances[topic] = g
	}
	line := g.line
	line.Shards = slices.Clone(line.Shards) // whoever joins notes a ticket in it
	return line, nil
}

func (m *model) Tail(ctx context.Context, id queue.ConversationID) (conversation.Entry, error) {
	m.wait(3*time.Millisecond, 7*time.Millisecond)
	_ = m.read("", 1) // one's own: never refused
	return m.Store.Tail(ctx, id)
}

func (m *model) Advisors(ctx context.Context) ([]conversation.Advisor, error) {
	const size = 300
	m.wait(3*time.Millisecond, 7*time.Millisecond)
	all, err := m.Store.Advisors(ctx)
	if err != nil {
		return nil, err
	}
	return all, m.read("advisors", math.Ceil(float64(max(1, len(all))*size)/4096))
}

// SomeAdvisors are 16, as in package store.
func (m *model) SomeAdvisors(ctx context.Context, from uint16) ([]conversation.Advisor, error) {
	const some = 16
	m.wait(3*time.Millisecond, 7*time.Millisecond)
	all, err := m.Store.Advisors(ctx)
	if err != nil || len(all) <= some {
		return all, err
	}
	i := int(from) % len(all)
	return slices.Concat(all[i:], all[:i])[:some], m.read("advisors", 1)
}

func (m *model) AllLive(ctx context.Context, from string) ([]store.Live, string, error) {
	const size = 120
	m.wait(3*time.Millisecond, 7*time.Millisecond)
	page, next, err := m.Store.AllLive(ctx, from)
	_ = m.read("", math.Ceil(float64(max(1, len(page))*size)/4096)) // the sweep's alone: never refused
	return page, next, err
}

func (m *model) Commit(ctx context.Context, step store.Step) error {
	units := 1.0
	if n := len(step.Changes); n > 1 || n == 1 && step.Entry != nil {
		units = 2 // each
		m.wait(10*time.Millisecond, 25*time.Millisecond)
	} else {
		m.wait(5*time.Millisecond, 12*time.Millisecond)
	}
	if step.Entry != nil {
		_ = m.write("", units) // nobody else writes it
	}
	for _, c := range step.Changes {
		key := ""
		switch c := c.(type) {
		case store.TakeSlot:
			key = "advisor " + string(c.Advisor)
		case store.GiveSlot:
			key = "advisor " + string(c.Advisor)
		}
		if err := m.write(key, units); err != nil {
			return err
		}
	}
	return m.Store.Commit(ctx, step)
}

// peak returns the most units that an item whose name begins so was written or read
// in a second.
func peak(all map[string]*window, prefix string) (most float64) {
	for key, w := range all {
		if strings.HasPrefix(key, prefix) {
			most = max(most, w.peak)
		}
	}
	return most
}
