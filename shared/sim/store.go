package sim

import (
	"context"
	"fmt"
	"time"

	"infocig/shared/chat"
)

// A store is a chat.Store whose every call is a point.
type store struct {
	chat.Store
	s     *scheduler
	taken func(chat.AdvisorID) // is told of advisors who have got a conversation
	ruled func(chat.DeskRules) // and of operators' rules
	added func(chat.Entry)     // and of new entries
}

type pair[A, B any] struct {
	a A
	b B
}

func (w store) Tail(ctx context.Context, id chat.ConversationID) (chat.Entry, error) {
	return effect(ctx, w.s, false, "tail "+string(id), func() (chat.Entry, error) { return w.Store.Tail(ctx, id) })
}

func (w store) Read(ctx context.Context, id chat.ConversationID, seq, limit int) ([]chat.Entry, error) {
	return effect(ctx, w.s, false, fmt.Sprint("read ", id, " after ", seq), func() ([]chat.Entry, error) { return w.Store.Read(ctx, id, seq, limit) })
}

func (w store) Commit(ctx context.Context, step chat.Step) error {
	what := "commit"
	if e := step.Entry; e != nil {
		what = fmt.Sprint("commit ", e.Conversation, " ", e.Seq, " ", e.Kind)
	}
	for _, c := range step.Changes {
		what += fmt.Sprintf(" %T", c)
	}
	_, err := effect(ctx, w.s, true, what, func() (struct{}, error) {
		if err := w.Store.Commit(ctx, step); err != nil {
			return struct{}{}, err
		}
		if step.Entry != nil {
			w.added(*step.Entry)
		}
		for _, c := range step.Changes {
			switch c := c.(type) {
			case chat.TakeSlot:
				w.taken(c.Advisor)
			case chat.SetDeskRules:
				w.ruled(c.Rules)
			}
		}
		return struct{}{}, nil
	})
	return err
}

func (w store) Live(ctx context.Context, id chat.HolderID) (chat.Live, error) {
	return effect(ctx, w.s, false, "live "+string(id), func() (chat.Live, error) { return w.Store.Live(ctx, id) })
}

// onePage is how many live conversations a page has, so that there are several.
const onePage = 3

func (w store) AllLive(ctx context.Context, from string) ([]chat.Live, string, error) {
	v, err := effect(ctx, w.s, false, "all live", func() (v pair[[]chat.Live, string], err error) {
		v.a, v.b, err = w.Store.AllLive(ctx, from)
		if len(v.a) > onePage { // package embedded lists by person
			v.a, v.b = v.a[:onePage], string(v.a[onePage].Holder)
		}
		return v, err
	})
	return v.a, v.b, err
}

func (w store) Advisor(ctx context.Context, id chat.AdvisorID) (chat.Advisor, error) {
	return effect(ctx, w.s, false, "advisor "+string(id), func() (chat.Advisor, error) { return w.Store.Advisor(ctx, id) })
}

func (w store) Advisors(ctx context.Context) ([]chat.Advisor, error) {
	return effect(ctx, w.s, false, "advisors", func() ([]chat.Advisor, error) { return w.Store.Advisors(ctx) })
}

func (w store) SomeAdvisors(ctx context.Context, from uint16) ([]chat.Advisor, error) {
	return effect(ctx, w.s, false, "some advisors", func() ([]chat.Advisor, error) { return w.Store.SomeAdvisors(ctx, from) })
}

func (w store) Take(ctx context.Context, topic chat.Topic, shard int) (chat.Ticket, int, error) {
	v, err := effect(ctx, w.s, true, "take", func() (v pair[chat.Ticket, int], err error) {
		v.a, v.b, err = w.Store.Take(ctx, topic, shard)
		return v, err
	})
	return v.a, v.b, err
}

func (w store) Call(ctx context.Context, topic chat.Topic, shard, from, n int) (int, error) {
	return effect(ctx, w.s, true, fmt.Sprint("call ", n, " of ", shard), func() (int, error) { return w.Store.Call(ctx, topic, shard, from, n) })
}

func (w store) Line(ctx context.Context, topic chat.Topic, shards int) (chat.Line, error) {
	return effect(ctx, w.s, false, "line", func() (chat.Line, error) { return w.Store.Line(ctx, topic, shards) })
}

func (w store) Glance(ctx context.Context, topic chat.Topic, shards int) (chat.Line, error) {
	return effect(ctx, w.s, false, "glance", func() (chat.Line, error) { return w.Store.Glance(ctx, topic, shards) })
}

func (w store) Escalation(ctx context.Context, id chat.EscalationID) (chat.Escalation, error) {
	return effect(ctx, w.s, false, "escalation "+string(id), func() (chat.Escalation, error) { return w.Store.Escalation(ctx, id) })
}

func (w store) Escalations(ctx context.Context, from string) ([]chat.Escalation, string, error) {
	v, err := effect(ctx, w.s, false, "escalations", func() (v pair[[]chat.Escalation, string], err error) {
		v.a, v.b, err = w.Store.Escalations(ctx, from)
		return v, err
	})
	return v.a, v.b, err
}

func (w store) DeskRules(ctx context.Context) (chat.DeskRules, error) {
	return effect(ctx, w.s, false, "rules", func() (chat.DeskRules, error) { return w.Store.DeskRules(ctx) })
}

func (w store) Notes(ctx context.Context, id chat.ConversationID) ([]chat.Note, error) {
	return effect(ctx, w.s, false, "notes", func() ([]chat.Note, error) { return w.Store.Notes(ctx, id) })
}

func (w store) Slip(ctx context.Context, id chat.HolderID) (chat.Slip, error) {
	return effect(ctx, w.s, false, "slip "+string(id), func() (chat.Slip, error) { return w.Store.Slip(ctx, id) })
}

func (w store) PutPass(ctx context.Context, p chat.Pass) error {
	_, err := effect(ctx, w.s, true, "put pass", func() (struct{}, error) { return struct{}{}, w.Store.PutPass(ctx, p) })
	return err
}

func (w store) Redeem(ctx context.Context, id string, now time.Time) (chat.Pass, error) {
	return effect(ctx, w.s, true, "redeem", func() (chat.Pass, error) { return w.Store.Redeem(ctx, id, now) })
}

func (w store) CountPass(ctx context.Context, id string, window time.Time, pass string, most int) (bool, error) {
	return effect(ctx, w.s, true, "count pass "+id, func() (bool, error) { return w.Store.CountPass(ctx, id, window, pass, most) })
}

func (w store) PassesOf(ctx context.Context, id string, window time.Time) ([]string, error) {
	return effect(ctx, w.s, false, "passes of "+id, func() ([]string, error) { return w.Store.PassesOf(ctx, id, window) })
}

func (w store) Enter(ctx context.Context, id string, c chat.Connection) ([]chat.Connection, error) {
	return effect(ctx, w.s, true, "enter "+id, func() ([]chat.Connection, error) { return w.Store.Enter(ctx, id, c) })
}

func (w store) Leave(ctx context.Context, id string, c ...chat.Connection) error {
	_, err := effect(ctx, w.s, true, "leave "+id, func() (struct{}, error) { return struct{}{}, w.Store.Leave(ctx, id, c...) })
	return err
}

func (w store) Sockets(ctx context.Context, id string) ([]chat.Connection, error) {
	return effect(ctx, w.s, false, "sockets "+id, func() ([]chat.Connection, error) { return w.Store.Sockets(ctx, id) })
}
