package socket

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"infocig/shared/chat"
)

// talk brings a citizen to an advisor who has accepted.
func talk(t *testing.T) (s *service, c, a *peer) {
	t.Helper()
	s = newService(t)
	c, a = s.connect(giuliana), s.connect(advisor("a", "Marta Sorgenti"))
	a.ask(`{"action":"presence","state":"available","capacity":1}`)
	c.ask(`{"action":"join","topic":"worker_case"}`)
	a.ask(`{"action":"accept","conversation":"worker_case.0.1"}`)
	return s, c, a
}

func TestFiveThrottledFramesCloseTheConnection(t *testing.T) {
	s, c, a := talk(t)
	n := 0
	say := func() map[string]any {
		n++
		return c.ask(fmt.Sprintf(`{"action":"send","conversation":"worker_case.0.1","number":%d,"text":"ancora"}`, n))
	}
	for range 5 {
		same(t, "at once", say()["event"], any("ack"))
	}
	for i := range 4 {
		e := say()
		n--
		same(t, "code", e["code"], any("throttled"))
		same(t, "again after", e["after_ms"], any(3000.0))
		same(t, "retry", e["retry"], any(true))
		same(t, "closed too early", len(s.closed), 0)
		if i == 1 { // strikes older than a minute do not count
			s.mu.Lock()
			s.now = s.now.Add(time.Minute)
			s.mu.Unlock()
			for range 5 {
				same(t, "a minute later", say()["event"], any("ack"))
			}
		}
	}
	for i := range 3 {
		same(t, fmt.Sprint("closed, ", i), len(s.closed), 0)
		say()
		n--
	}
	same(t, "closed", s.closed, []chat.ConnectionID{c.id})
	last := s.pushed[c.id][len(s.pushed[c.id])-1]
	same(t, "told why", last["reason"], any("too_fast"))
	same(t, "the advisor goes on", a.ask(`{"action":"ping"}`)["event"], any("pong"))
}

func TestIBANAndCardAreHiddenBeforeStoring(t *testing.T) {
	const iban, card = "IT60X0542811101000000123456", "4111 1111 1111 1111"
	s := newService(t)
	c, a := s.connect(giuliana), s.connect(advisor("a", "Marta Sorgenti"))
	a.ask(`{"action":"presence","state":"available","capacity":1}`)
	joined := c.ask(`{"action":"join","topic":"worker_case","question":"il mio IBAN è ` + iban + `"}`)
	same(t, "hidden in the question", joined["hidden"], any([]any{"iban"}))
	a.ask(`{"action":"accept","conversation":"worker_case.0.1"}`)
	for i, frame := range []string{
		`{"action":"send","conversation":"worker_case.0.1","number":1,"text":"carta ` + card + ` e ` + iban + `"}`,
		`{"action":"send","conversation":"worker_case.0.1","number":1,"text":"carta ` + card + ` e ` + iban + `"}`, // a resend
	} {
		ack := c.ask(frame)
		same(t, fmt.Sprint("hidden, ", i), ack["hidden"], any([]any{"iban", "card"}))
		same(t, "as stored", ack["item"].(map[string]any)["text"], any("carta [carta] e [IBAN]"))
	}
	same(t, "in a note", a.ask(`{"action":"note","conversation":"worker_case.0.1","number":1,"text":"` + iban + `"}`)["hidden"], any([]any{"iban"}))
	same(t, "to the office", a.ask(`{"action":"escalate","conversation":"worker_case.0.1","number":1,"case":"k","text":"IBAN ` + iban + `"}`)["hidden"], any([]any{"iban"}))
	same(t, "nothing to hide", a.ask(`{"action":"send","conversation":"worker_case.0.1","number":2,"text":"Grazie"}`)["hidden"], nil)
	dossier, err := s.desk.Export(t.Context(), "p")
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%+v", dossier) + fmt.Sprint(s.pushed)
	for _, secret := range []string{iban, card} {
		if strings.Contains(all, secret) {
			t.Errorf("%s is stored or pushed", secret)
		}
	}
}
