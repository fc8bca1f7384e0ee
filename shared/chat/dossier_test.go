package chat_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"infocig/shared/chat"
)

// history gives p two ended conversations and q one, with notes.
func (w *world) history() (p, q client, a client) {
	w.t.Helper()
	a, p, q = w.onDuty("a", 3), w.citizen("p"), w.citizen("q")
	for i, c := range []client{p, q, p} {
		id := w.talking(c, a)
		_, err := w.say(c, id, 1, "segreto di "+c.who.ID)
		w.must(err)
		_, err = w.Note(w.t.Context(), a.who, id, i+1, chat.Text("nota su "+c.who.ID))
		w.must(err)
		_, err = w.Close(w.t.Context(), a.who, a.conn, id, chat.Settled)
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
	same(t, "kept", r.Kept, []chat.Kept{
		{What: "accesses", Why: why, Conversation: before.Conversations[0].ID, Count: 2}, // offered, and its notes
		{What: "accesses", Why: why, Conversation: before.Conversations[1].ID, Count: 1},
	})
	after, err := w.Export(t.Context(), "p")
	w.must(err)
	same(t, "afterwards", len(after.Conversations), 0)
	for _, c := range before.Conversations {
		if _, err := w.store.Store.Tail(t.Context(), c.ID); !errors.Is(err, chat.NotFound) {
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

func (w *world) conversationsLeft(id chat.PersonID) int {
	w.t.Helper()
	d, err := w.Export(w.t.Context(), id)
	w.must(err)
	for _, c := range d.Conversations {
		same(w.t, "what is left has ended", w.tail(c.ID).State.Status, chat.StatusEnded)
	}
	return len(d.Conversations)
}

func TestWhatIsAliveIsNotErased(t *testing.T) {
	w := newWorld(t)
	_, _, a := w.history()
	p := w.citizen("p")
	id := w.talking(p, a)
	_, err := w.Erase(t.Context(), "p", noted)
	if !errors.Is(err, chat.ErrAlive) {
		t.Errorf("got %v", err)
	}
	_, err = w.Escalate(t.Context(), a.who, a.conn, id, 1, "p.case", "manca un dato")
	w.must(err)
	_, err = w.Close(t.Context(), a.who, a.conn, id, chat.Escalated)
	w.must(err)
	r, err := w.Erase(t.Context(), "p", noted)
	w.must(err)
	same(t, "the others", r.Conversations, 2)
	i := slices.IndexFunc(r.Kept, func(k chat.Kept) bool { return k.What == "conversation" })
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
	var ids []chat.ConversationID
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
	same(t, "nothing points to it", errors.Is(err, chat.NotFound), true)
	me, err := w.store.Store.Advisor(t.Context(), "a")
	w.must(err)
	same(t, "nor the advisor", slices.Contains(me.Open, talking), false)

	w.pass(2 * time.Hour)
	w.must(w.RenewAdvisor(t.Context(), a.who, a.conn))
	later := w.talking(p, a)
	r, err = w.EraseAgain(t.Context(), append(ids, later), erased)
	w.must(err)
	same(t, "what came later", []any{r.Conversations, w.tail(later).State.Status}, []any{0, chat.Assigned})
	d, err = w.Export(t.Context(), chat.PersonID(q.who.ID))
	w.must(err)
	same(t, "somebody else", len(d.Conversations), 1)
}

// noted lets everything be erased.
func noted([]chat.ConversationID) error { return nil }
