package socket

import (
	"fmt"
	"testing"

	"infocig/shared/chat/conversation"
	"infocig/shared/code"
)

func itemOf(answer map[string]any) map[string]any {
	item, _ := answer["item"].(map[string]any)
	return item
}

// TestAnAckHasOnesOwnEntryOrNone checks that a command that is sent again, after the other
// side has written, is acknowledged with the entry of the first time.
func TestAnAckHasOnesOwnEntryOrNone(t *testing.T) {
	_, c, a := talk(t)
	about := `"conversation":"worker_case.0.1"`
	first := map[string]map[string]any{}
	for _, action := range []string{"accept", "ask"} {
		first[action] = a.ask(`{"action":"` + action + `",` + about + `}`)
	}
	c.ask(`{"action":"send",` + about + `,"number":1,"text":"eccomi"}`)
	again := a.ask(`{"action":"accept",` + about + `}`)
	same(t, "accept: kind", itemOf(again)["kind"], any("accepted"))
	same(t, "accept: seq", again["seq"], first["accept"]["seq"])
	same(t, "accept: status", again["status"], any("assigned"))

	closed := a.ask(`{"action":"close",` + about + `,"outcome":"settled"}`)
	same(t, "close again", a.ask(`{"action":"close",` + about + `,"outcome":"settled"}`)["seq"], closed["seq"])
	left := c.ask(`{"action":"leave",` + about + `}`)
	same(t, "leave, when the advisor has closed", left["event"], any("ack"))
	if itemOf(left) != nil || left["seq"] != nil {
		t.Errorf("leave is acknowledged with somebody else's entry: %v", left)
	}
	same(t, "status", left["status"], any("closed"))
}

// TestANumberSentAgainAfterLaterOnes checks that a message is acknowledged again if it is
// among the last entries, also after the end.
func TestANumberSentAgainAfterLaterOnes(t *testing.T) {
	s, c, a := talk(t)
	say := func(p *peer, n int, text string) map[string]any {
		return p.ask(fmt.Sprintf(`{"action":"send","conversation":"worker_case.0.1","number":%d,"text":%q}`, n, text))
	}
	one := say(c, 1, "uno")
	say(a, 1, "la sua")
	say(c, 2, "due")
	say(c, 3, "tre")
	for _, when := range []string{"after later ones", "after the end"} {
		again := say(c, 1, "uno")
		same(t, when+": event", again["event"], any("ack"))
		same(t, when+": seq", again["seq"], one["seq"])
		same(t, when+": item", itemOf(again)["text"], any("uno"))
		if when == "after the end" {
			break
		}
		same(t, when+": another text", say(c, 1, "altro")["code"], any(string(code.Conflict)))
		same(t, when+": the other side's", say(c, 1, "la sua")["code"], any(string(code.Conflict)))
		a.ask(`{"action":"close","conversation":"worker_case.0.1","outcome":"settled"}`)
	}
	same(t, "new after the end", say(c, 4, "quattro")["code"], any(string(code.Closed)))

	tail, err := s.desk.Store.Tail(t.Context(), "worker_case.0.1")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := s.desk.Store.Read(t.Context(), tail.Conversation, 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if e.Kind == conversation.KindMessage {
			n++
		}
	}
	same(t, "messages stored", n, 4)
}

// TestAnEscalationSentAgainAfterAMessage checks that the escalation is acknowledged again.
func TestAnEscalationSentAgainAfterAMessage(t *testing.T) {
	s := newService(t)
	c, a := s.connect(giuliana), s.connect(advisor("a", "Marta Sorgenti"))
	a.ask(`{"action":"presence","state":"available","capacity":1}`)
	c.ask(`{"action":"join","topic":"worker_case","cases":["k"]}`)
	a.ask(`{"action":"accept","conversation":"worker_case.0.1"}`)
	escalate := `{"action":"escalate","conversation":"worker_case.0.1","number":1,"case":"k","text":"Manca un modello"}`
	first := a.ask(escalate)
	a.ask(`{"action":"send","conversation":"worker_case.0.1","number":2,"text":"fatto"}`)
	again := a.ask(escalate)
	same(t, "event", again["event"], any("ack"))
	same(t, "seq", again["seq"], first["seq"])
}

func TestEveryIDComesBack(t *testing.T) {
	_, c, _ := talk(t)
	for _, id := range []int{0, 1, 1 << 52} {
		answer := c.raw(fmt.Sprintf(`{"action":"ping","id":%d}`, id))
		same(t, fmt.Sprint("id ", id), answer["re"], any(float64(id)))
	}
	if re, ok := c.raw(`{"action":"ping"}`)["re"]; ok {
		t.Errorf("no id comes back as %v", re)
	}
}
