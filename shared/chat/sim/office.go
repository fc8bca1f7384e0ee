package sim

import (
	"context"

	"infocig/shared/chat"
	"infocig/shared/code"
)

// An office is Linea INPS: it can be down, slow, or take something and never say
// so. It counts how often each escalation took effect.
type office struct {
	w     *world
	taken map[chat.EscalationID]*taken
	order []chat.EscalationID
}

type taken struct {
	effects int
	answer  chat.OfficeAnswer
}

func (o *office) Ask(ctx context.Context, id chat.EscalationID) (chat.OfficeAnswer, error) {
	return effect(ctx, o.w.scheduler, false, "ask linea "+string(id), func() (chat.OfficeAnswer, error) {
		t := o.taken[id]
		if t == nil {
			return chat.OfficeAnswer{}, code.NotFound
		}
		return t.copy(), nil
	})
}

func (o *office) Deliver(ctx context.Context, d chat.Delivery) (chat.OfficeAnswer, error) {
	return effect(ctx, o.w.scheduler, true, "deliver "+string(d.Escalation.ID), func() (chat.OfficeAnswer, error) {
		t := o.taken[d.Escalation.ID]
		if t == nil {
			t = &taken{answer: chat.OfficeAnswer{Protocol: "P." + string(d.Escalation.ID), Due: o.w.now().AddDate(0, 0, 10)}}
			o.taken[d.Escalation.ID] = t
			o.order = append(o.order, d.Escalation.ID)
			t.effects++
			t.step(o.w, chat.EscalationDelivered)
		}
		return t.copy(), nil
	})
}

func (t *taken) step(w *world, s chat.EscalationStatus) {
	t.answer.Steps = append(t.answer.Steps, chat.OfficeStep{Number: len(t.answer.Steps) + 1, Status: s, At: w.now()})
}

func (t *taken) copy() chat.OfficeAnswer {
	a := t.answer
	a.Steps = append([]chat.OfficeStep(nil), a.Steps...)
	return a
}

// work makes a step with some escalation, and tells the service of it or not.
func (o *office) work() {
	if len(o.order) == 0 {
		return
	}
	id := o.order[o.w.rng.IntN(len(o.order))]
	t := o.taken[id]
	last := t.answer.Steps[len(t.answer.Steps)-1].Status
	switch {
	case last.Final():
		return
	case last == chat.EscalationTaken:
		t.step(o.w, chat.EscalationSettled)
	default:
		t.step(o.w, chat.EscalationTaken)
	}
	o.w.note("office: %s is %s", id, t.answer.Steps[len(t.answer.Steps)-1].Status)
	if o.w.rng.IntN(3) > 0 {
		o.w.enqueue(id)
	}
}

// settle ends everything that is at the office.
func (o *office) settle() {
	for _, id := range o.order {
		t := o.taken[id]
		if last := t.answer.Steps[len(t.answer.Steps)-1].Status; !last.Final() {
			t.step(o.w, chat.EscalationSettled)
			o.w.enqueue(id)
		}
	}
}

// A relay is the queue to Forward: messages come twice, late, or never.
type relay struct{ w *world }

func (r relay) Send(ctx context.Context, id chat.EscalationID) error {
	_, err := effect(ctx, r.w.scheduler, true, "enqueue "+string(id), func() (struct{}, error) {
		r.w.enqueue(id)
		return struct{}{}, nil
	})
	return err
}
