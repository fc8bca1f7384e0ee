package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// history gives p two ended conversations and q one, with notes.
func (w *world) history() (p, q client, a client) {
	w.t.Helper()
	a, p, q = w.onDuty("a", 3), w.citizen("p"), w.citizen("q")
	for i, c := range []client{p, q, p} {
		id := w.talking(c, a)
		_, err := w.say(c, id, 1, "segreto di "+c.who.ID)
		w.must(err)
		_, err = w.Note(w.t.Context(), a.who, id, i+1, conversation.Text("nota su "+c.who.ID))
		w.must(err)
		_, err = w.Close(w.t.Context(), a.who.Over(a.conn), id, conversation.Settled)
		w.must(err)
	}
	return p, q, a
}

func text(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestErasureLeavesNothingButWhoHasRead(t *testing.T) {
	w := newWorld(t)
	_, _, _ = w.history()
	before, err := w.Export(t.Context(), "p")
	w.must(err)
	same(t, "conversations", len(before.Conversations), 2)
	for _, part := range []string{"segreto di p", "nota su p", "Persona p", "a che punto è?"} {
		if n := strings.Count(text(t, before), part); n != 2 {
			t.Errorf("the dossier has %q %d times", part, n)
		}
	}
	if strings.Contains(text(t, before), "di q") {
		t.Error("the dossier has somebody else's words")
	}
	_, err = w.Notes(t.Context(), advisor("a"), before.Conversations[0].ID)
	w.must(err)

	r, err := w.Erase(t.Context(), "p", noted)
	w.must(err)
	same(t, "conversations", r.Conversations, 2)
	same(t, "notes", r.Notes, 2)
	why := r.Kept[0].Why
	same(t, "kept", r.Kept, []upkeep.Kept{
		{What: "accesses", Why: why, Conversation: before.Conversations[0].ID, Count: 2}, // offered, and its notes
		{What: "accesses", Why: why, Conversation: before.Conversations[1].ID, Count: 1},
	})
	after, err := w.Export(t.Context(), "p")
	w.must(err)
	same(t, "afterwards", len(after.Conversations), 0)
	for _, c := range before.Conversations {
		if _, err := w.store.Store.Tail(t.Context(), c.ID); !errors.Is(err, code.NotFound) {
			t.Errorf("%s: %v", c.ID, err)
		}
		notes, err := w.store.Notes(t.Context(), c.ID)
		w.must(err)
		same(t, "notes", len(notes), 0)
	}
	others, err := w.Export(t.Context(), "q")
	w.must(err)
	same(t, "somebody else's", len(others.Conversations), 1)
	r, err = w.Erase(t.Context(), "p", noted)
	w.must(err)
	same(t, "again", r.Conversations, 0)
}

func TestErasureThatStopsHalfwayGoesOn(t *testing.T) {
	w := newWorld(t)
	_, _, _ = w.history()
	for stop := range 30 {
		w.store.failAfter = stop + 1
		_, err := w.Erase(t.Context(), "p", noted)
		w.store.failAfter = 0
		if err == nil {
			break
		}
		// Whatever is left still belongs to the person and has ended.
		_ = w.conversationsLeft("p")
	}
	_, err := w.Erase(t.Context(), "p", noted)
	w.must(err)
	same(t, "left", w.conversationsLeft("p"), 0)
	same(t, "somebody else's", w.conversationsLeft("q"), 1)
}

func (w *world) conversationsLeft(id identity.PersonID) int {
	w.t.Helper()
	d, err := w.Export(w.t.Context(), id)
	w.must(err)
	for _, c := range d.Conversations {
		same(w.t, "what is left has ended", w.tail(c.ID).State.Status, conversation.StatusEnded)
	}
	return len(d.Conversations)
}

func TestWhatIsAliveIsNotErased(t *testing.T) {
	w := newWorld(t)
	_, _, a := w.history()
	p := w.citizen("p")
	id := w.talking(p, a)
	_, err := w.Erase(t.Context(), "p", noted)
	if !errors.Is(err, upkeep.ErrAlive) {
		t.Errorf("got %v", err)
	}
	_, err = w.Escalations.Escalate(t.Context(), a.who.Over(a.conn), id, 1, "p.case", "manca un dato")
	w.must(err)
	_, err = w.Close(t.Context(), a.who.Over(a.conn), id, conversation.Escalated)
	w.must(err)
	r, err := w.Erase(t.Context(), "p", noted)
	w.must(err)
	same(t, "the others", r.Conversations, 2)
	i := slices.IndexFunc(r.Kept, func(k upkeep.Kept) bool { return k.What == "conversation" })
	if i < 0 || r.Kept[i].Conversation != id {
		t.Errorf("kept until the office has answered: %+v", r.Kept)
	}
}

func TestRetentionDeletesWhatEndedLongAgo(t *testing.T) {
	w := newWorld(t)
	_, _, _ = w.history()
	w.pass(24 * time.Hour)
	_, _, _ = w.history()
	r, err := w.Retain(t.Context(), w.clock().Add(-time.Hour))
	w.must(err)
	same(t, "deleted", r.Conversations, 3)
	same(t, "left of p", w.conversationsLeft("p"), 2)
	same(t, "advisors who are back", r.Advisors, 0)
	w.pass(24 * time.Hour)
	r, err = w.Retain(t.Context(), w.clock().Add(-48*time.Hour))
	w.must(err)
	same(t, "advisors who were here yesterday", r.Advisors, 0)
	r, err = w.Retain(t.Context(), w.clock().Add(-time.Hour))
	w.must(err)
	same(t, "advisors who have left", r.Advisors, 1)
}

// A tallying store counts how many conversations are asked for.
type tallying struct {
	store.Store
	tails int
}

// Tail implements store.Log.
func (s *tallying) Tail(ctx context.Context, id queue.ConversationID) (conversation.Entry, error) {
	s.tails++
	return s.Store.Tail(ctx, id)
}

// TestRetentionBeginsWhereItStopped and ends at the first conversation that began
// later: it does not read again each night all that there ever was.
func TestRetentionBeginsWhereItStopped(t *testing.T) {
	w := newWorld(t)
	store := &tallying{Store: w.Store}
	w.Store = store
	_, _, _ = w.history()
	for range 5 { // whom nobody served: tickets without a conversation
		_, _, err := store.Take(t.Context(), queue.WorkerCase, 0)
		w.must(err)
	}
	w.pass(24 * time.Hour)
	_, _, _ = w.history()
	for _, round := range []struct{ deleted, reads int }{
		{3, 3 + 5 + 1}, // the first that began later
		{0, 5 + 1},
	} {
		store.tails = 0
		r, err := w.Retain(t.Context(), w.clock().Add(-time.Hour))
		w.must(err)
		same(t, "deleted", r.Conversations, round.deleted)
		same(t, "conversations read", store.tails, round.reads)
	}
	w.pass(24 * time.Hour)
	store.tails = 0
	r, err := w.Retain(t.Context(), w.clock().Add(-time.Hour))
	w.must(err)
	same(t, "deleted", r.Conversations, 3)
	same(t, "conversations read", store.tails, 5+3)
	store.tails = 0
	_, err = w.Export(t.Context(), "p")
	w.must(err)
	same(t, "read for a dossier", store.tails, 0)
}

// A fading store ends the context in the middle of a retention.
type fading struct {
	store.Store
	reads int
	end   func()
}

// Tail implements store.Log.
func (s *fading) Tail(ctx context.Context, id queue.ConversationID) (conversation.Entry, error) {
	if s.reads--; s.reads < 0 {
		s.end()
		return conversation.Entry{}, ctx.Err()
	}
	return s.Store.Tail(ctx, id)
}

// Commit implements store.Committer.
func (s *fading) Commit(ctx context.Context, step store.Step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Store.Commit(ctx, step)
}

// TestARetentionThatHasNoTimeLeft notes how far it came.
func TestARetentionThatHasNoTimeLeft(t *testing.T) {
	w := newWorld(t)
	_, _, _ = w.history()
	w.pass(24 * time.Hour)
	ctx, end := context.WithCancel(t.Context())
	store := &fading{Store: w.Store, reads: 2, end: end}
	w.Store = store
	r, err := w.Retain(ctx, w.clock().Add(-time.Hour))
	if err == nil || r.Conversations != 2 {
		t.Errorf("deleted %d: %v", r.Conversations, err)
	}
	line, err := store.Line(t.Context(), queue.WorkerCase, 1)
	w.must(err)
	same(t, "nothing is left up to", line.Shards[0].Erased, 2)
}

// TestWhoHasReadIsForgottenToo, when the retention is over: not with the conversation.
func TestWhoHasReadIsForgottenToo(t *testing.T) {
	w := newWorld(t)
	_, _, _ = w.history()
	before, err := w.Export(t.Context(), "p")
	w.must(err)
	id := before.Conversations[0].ID
	_, err = w.Notes(t.Context(), advisor("a"), id)
	w.must(err)
	_, err = w.Erase(t.Context(), "p", noted)
	w.must(err)
	w.closeDesk() // who did is noted
	w.pass(24 * time.Hour)
	_, err = w.Accesses(t.Context(), conversation.Caller{Identity: identity.Identity{ID: "auditor"}}, id) // which is an access, too
	w.must(err)
	r, err := w.Retain(t.Context(), w.clock().Add(-time.Hour))
	w.must(err)
	left, err := w.Store.Accesses(t.Context(), id)
	w.must(err)
	if r.Accesses == 0 || len(left) != 1 || left[0].Who != "auditor" {
		t.Errorf("forgotten %d, left %+v", r.Accesses, left)
	}
	left, err = w.Store.Accesses(t.Context(), store.DeskLog)
	w.must(err)
	same(t, "left of who closed the desk", len(left), 0)
	w.pass(24 * time.Hour)
	_, err = w.Retain(t.Context(), w.clock().Add(-time.Hour))
	w.must(err)
	left, err = w.Store.Accesses(t.Context(), id)
	w.must(err)
	same(t, "left in the end", len(left), 0)
}

// TestWhatABackupBringsBackIsErasedAgain, whatever state it was in, and nothing
// that came later.
func TestWhatABackupBringsBackIsErasedAgain(t *testing.T) {
	w := newWorld(t)
	p, q, a := w.history()
	talking := w.talking(p, a) // had not ended when the backup was made
	erased := w.clock().Add(time.Hour)
	before, err := w.Export(t.Context(), "p")
	w.must(err)
	var ids []queue.ConversationID
	for _, c := range before.Conversations {
		ids = append(ids, c.ID)
	}
	r, err := w.EraseAgain(t.Context(), ids, erased)
	w.must(err)
	same(t, "conversations", r.Conversations, 3)
	d, err := w.Export(t.Context(), "p")
	w.must(err)
	same(t, "left", len(d.Conversations), 0)
	_, err = w.store.Store.Live(t.Context(), "p")
	same(t, "nothing points to it", errors.Is(err, code.NotFound), true)
	me, err := w.store.Store.Advisor(t.Context(), "a")
	w.must(err)
	same(t, "nor the advisor", slices.Contains(me.Open, talking), false)

	w.pass(2 * time.Hour)
	w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
	later := w.talking(p, a)
	r, err = w.EraseAgain(t.Context(), append(ids, later), erased)
	w.must(err)
	same(t, "what came later", []any{r.Conversations, w.tail(later).State.Status}, []any{0, conversation.Assigned})
	d, err = w.Export(t.Context(), identity.PersonID(q.who.ID))
	w.must(err)
	same(t, "somebody else", len(d.Conversations), 1)
}

// noted lets everything be erased.
func noted([]queue.ConversationID) error { return nil }
