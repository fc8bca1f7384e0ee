package sim

import (
	"context"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/escalation"
	"infocig/shared/code"
)

// An office is Linea INPS: it can be down, slow, or take something and never say
// so. It counts how often each escalation took effect.
type office struct {
	w     *world
	taken map[conversation.EscalationID]*taken
	order []conversation.EscalationID
}

type taken struct {
	effects int
	answer  escalation.OfficeAnswer
}

func (o *office) Ask(ctx context.Context, id conversation.EscalationID) (escalation.OfficeAnswer, error) {
	return effect(ctx, o.w.scheduler, false, "ask linea "+string(id), func() (escalation.OfficeAnswer, error) {
		t := o.taken[id]
		if t == nil {
			return escalation.OfficeAnswer{}, code.NotFound
		}
		return t.copy(), nil
	})
}

func (o *office) Deliver(ctx context.Context, d escalation.Delivery) (escalation.OfficeAnswer, error) {
	return effect(ctx, o.w.scheduler, true, "deliver "+string(d.Escalation.ID), func() (escalation.OfficeAnswer, error) {
		t := o.taken[d.Escalation.ID]
		if t == nil {
			t = &taken{answer: escalation.OfficeAnswer{Protocol: "P." + string(d.Escalation.ID), Due: o.w.now().AddDate(0, 0, 10)}}
			o.taken[d.Escalation.ID] = t
			o.order = append(o.order, d.Escalation.ID)
			t.effects++
			t.step(o.w, conversation.EscalationDelivered)
		}
		return t.copy(), nil
	})
}

func (t *taken) step(w *world, s conversation.EscalationStatus) {
	t.answer.Steps = append(t.answer.Steps, escalation.OfficeStep{Number: len(t.answer.Steps) + 1, Status: s, At: w.now()})
}

func (t *taken) copy() escalation.OfficeAnswer {
	a := t.answer
	a.Steps = append([]escalation.OfficeStep(nil), a.Steps...)
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
	case last == conversation.EscalationTaken:
		t.step(o.w, conversation.EscalationSettled)
	default:
		t.step(o.w, conversation.EscalationTaken)
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
			t.step(o.w, conversation.EscalationSettled)
			o.w.enqueue(id)
		}
	}
}

// A relay is the queue to Forward: messages come twice, late, or never.
type relay struct{ w *world }

func (r relay) Send(ctx context.Context, id conversation.EscalationID) error {
	_, err := effect(ctx, r.w.scheduler, true, "enqueue "+string(id), func() (struct{}, error) {
		r.w.enqueue(id)
		return struct{}{}, nil
	})
	return err
}
