package chat_test

import (
	"testing"

	"infocig/shared/chat/conversation"
	"infocig/shared/code"
	"infocig/shared/identity"
)

func TestPresenceSignsInWhereConnectingCouldNot(t *testing.T) {
	w := newWorld(t)
	id := w.join(w.citizen("p"))
	a := client{advisor("a"), w.connection()} // never noted
	me, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Available, 2)
	w.must(err)
	same(t, "presence", me.Presence, conversation.Available)
	same(t, "capacity", me.Capacity, 2)
	same(t, "advisor", w.tail(id).State.Advisor.ID, "a")
	newer := w.onDuty("a", 2)
	_, err = w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Paused, 2)
	fails(t, "over an older connection", err, code.Superseded)
	fails(t, "a ping over it", w.RenewAdvisor(t.Context(), a.who.Over(a.conn)), code.Superseded)
	citizen := a.who
	citizen.Side = identity.SideCitizen
	_, err = w.SetPresence(t.Context(), citizen.Over(newer.conn), conversation.Available, 2)
	fails(t, "a citizen", err, code.Forbidden)
}
