package desk

import (
	"reflect"
	"slices"
	"sync"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
)

// A roster is the list of advisors that one caller uses while it gives conversations to them,
// several at the same time.
type roster struct {
	mu       sync.Mutex
	advisors []conversation.Advisor
}

// free returns how many conversations of topic the advisors can be given at t.
func (r *roster) free(topic queue.Topic, t time.Time) (n int) {
	for _, a := range r.advisors {
		n += a.Free(topic, t)
	}
	return n
}

// mayHave reports whether an advisor is free at t who may have the conversation with state s.
func (r *roster) mayHave(s conversation.State, t time.Time) bool {
	_, ok := conversation.Pick(r.advisors, s, t)
	return ok
}

// pick chooses the advisor who gets a conversation, and counts it as given in the roster. It
// returns the advisor as known before.
func (r *roster) pick(head conversation.Entry, t time.Time) (conversation.Advisor, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pick, ok := conversation.Pick(r.advisors, head.State, t)
	for i, a := range r.advisors {
		if ok && a.ID == pick.ID {
			r.advisors[i].Open = append(slices.Clone(a.Open), head.Conversation)
			r.advisors[i].AssignedAt = t
		}
	}
	return pick, ok
}

// unpick undoes pick for a conversation that was not given.
func (r *roster) unpick(pick conversation.Advisor, id queue.ConversationID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, a := range r.advisors {
		if a.ID == pick.ID {
			r.advisors[i].Open = slices.DeleteFunc(slices.Clone(a.Open), func(o queue.ConversationID) bool { return o == id })
		}
	}
}

// renew replaces the record of an advisor who could not take a conversation. If the record has
// not changed the advisor is removed from the roster, because the cause still holds.
func (r *roster) renew(refused, now conversation.Advisor) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.advisors, func(a conversation.Advisor) bool { return a.ID == refused.ID })
	switch {
	case i < 0: // another conversation's renew has removed the advisor
	case reflect.DeepEqual(refused, now):
		r.advisors = slices.Delete(slices.Clone(r.advisors), i, i+1)
	default:
		r.advisors[i] = now
	}
}
