package chat

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/escalation"
	"infocig/shared/chat/store"
	"infocig/shared/chat/upkeep"
)

// A Config is what a chat needs from outside. What it does not say is as in production.
type Config struct {
	Store store.Store
	Push  desk.Pusher
	Cases desk.Cases
	Relay escalation.Relay     // nil where nothing is sent on
	Linea escalation.LineaINPS // nil where nothing is handed over

	// Policy is the rules in force, and Shards how many counters each queue has; without
	// Policy both are those that the store keeps.
	Policy func(context.Context) (admission.Policy, error)
	Shards func(context.Context) (int, error)

	Times    desk.Times
	Parallel int              // how many conversations one caller gives to advisors at the same time; 0 for 1
	Now      func() time.Time // the machine's clock without it
	NewID    func() string    // 128 random bits
	Log      *slog.Logger     // nothing is logged without it
}

// A Chat is the whole area over one store.
type Chat struct {
	Desk        *desk.Desk
	Escalations *escalation.Service
	Upkeep      *upkeep.Service
}

// New puts a chat together.
func New(c Config) *Chat {
	if c.Times == (desk.Times{}) {
		c.Times = desk.DefaultTimes
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = rand.Text
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Policy == nil {
		rules := desk.CacheRules(c.Store, c.Now)
		rules.Log = c.Log
		c.Policy, c.Shards = rules.Policy, rules.Shards
	}
	d := &desk.Desk{
		Store: c.Store, Push: c.Push, Cases: c.Cases, Policy: c.Policy, Shards: c.Shards,
		Times: c.Times, Parallel: c.Parallel, Now: c.Now, NewID: c.NewID, Log: c.Log,
	}
	e := &escalation.Service{Desk: d, Relay: c.Relay, Linea: c.Linea}
	return &Chat{Desk: d, Escalations: e, Upkeep: &upkeep.Service{Desk: d, Escalations: e}}
}
