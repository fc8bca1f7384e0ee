package socket

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/identity"
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

// TestFiveFramesThatCameTooEarlyCloseTheConnection sends frames that do not wait as they were
// told.
func TestFiveFramesThatCameTooEarlyCloseTheConnection(t *testing.T) {
	s, c, a := talk(t)
	n := 0
	say := func() map[string]any {
		n++
		return c.ask(fmt.Sprintf(`{"action":"send","conversation":"worker_case.0.1","number":%d,"text":"ancora"}`, n))
	}
	for range 5 {
		same(t, "at once", say()["event"], any("ack"))
	}
	for i := range 5 { // the first was not told before
		e := say()
		n--
		same(t, "code", e["code"], any("throttled"))
		same(t, "again after", e["after_ms"], any(3000.0))
		same(t, "retry", e["retry"], any(true))
		same(t, "closed too early", len(s.closed), 0)
		if i == 2 { // strikes older than a minute do not count
			s.mu.Lock()
			s.now = s.now.Add(time.Minute)
			s.mu.Unlock()
			for range 5 {
				same(t, "a minute later", say()["event"], any("ack"))
			}
		}
	}
	for i := range 4 {
		same(t, fmt.Sprint("closed, ", i), len(s.closed), 0)
		say()
		n--
	}
	same(t, "closed", s.closed, []conversation.ConnectionID{c.id})
	last := s.pushed[c.id][len(s.pushed[c.id])-1]
	same(t, "told why", last["reason"], any("too_fast"))
	same(t, "the advisor goes on", a.ask(`{"action":"ping"}`)["event"], any("pong"))
}

// TestWhoWaitsAsToldIsNeverCutOff checks that a client that waits as it is told stays
// connected, however often it is throttled.
func TestWhoWaitsAsToldIsNeverCutOff(t *testing.T) {
	s, c, _ := talk(t)
	for n, told := 1, 0; n <= 60; {
		e := c.ask(fmt.Sprintf(`{"action":"send","conversation":"worker_case.0.1","number":%d,"text":"ancora"}`, n))
		if e["event"] == "ack" {
			n++
			continue
		}
		told++
		s.mu.Lock()
		s.now = s.now.Add(time.Duration(e["after_ms"].(float64)) * time.Millisecond)
		s.mu.Unlock()
		if told > 60 {
			t.Fatal("told to wait, and never let in")
		}
	}
	same(t, "closed", len(s.closed), 0)
}

// TestEveryActionHasALimit checks that each action is throttled in a loop, and works again
// after the time that is told.
func TestEveryActionHasALimit(t *testing.T) {
	for frame, side := range map[string]identity.Side{
		`{"action":"hello"}`: identity.SideCitizen,
		`{"action":"typing","conversation":"worker_case.0.1"}`:                     identity.SideCitizen,
		`{"action":"read","conversation":"worker_case.0.1","seq":1}`:               identity.SideCitizen,
		`{"action":"here","conversation":"worker_case.0.1"}`:                       identity.SideCitizen,
		`{"action":"ping","conversation":"worker_case.0.1"}`:                       identity.SideCitizen,
		`{"action":"join","topic":"worker_case"}`:                                  identity.SideCitizen,
		`{"action":"leave","elsewhere":true}`:                                      identity.SideCitizen,
		`{"action":"presence","state":"available","capacity":1}`:                   identity.SideAdvisor,
		`{"action":"accept","conversation":"worker_case.0.1"}`:                     identity.SideAdvisor,
		`{"action":"ask","conversation":"worker_case.0.1"}`:                        identity.SideAdvisor,
		`{"action":"transfer","conversation":"worker_case.0.1"}`:                   identity.SideAdvisor,
		`{"action":"note","conversation":"worker_case.0.1","number":1,"text":"x"}`: identity.SideAdvisor,
	} {
		s, c, a := talk(t)
		p := map[identity.Side]*peer{identity.SideCitizen: c, identity.SideAdvisor: a}[side]
		var e map[string]any
		for range 40 {
			if e = p.ask(frame); e["code"] == "throttled" {
				break
			}
		}
		same(t, frame+" in a loop", e["code"], any("throttled"))
		if e["code"] != "throttled" {
			continue
		}
		s.mu.Lock()
		s.now = s.now.Add(time.Duration(e["after_ms"].(float64)) * time.Millisecond)
		s.mu.Unlock()
		if e = p.ask(frame); e["code"] == "throttled" {
			t.Errorf("%s: throttled again after the time that was told", frame)
		}
	}
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
	dossier, err := s.chat.Upkeep.Export(t.Context(), "p")
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
