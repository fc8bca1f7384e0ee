package socket

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"infocig/shared/chat"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/store"
	tablememory "infocig/shared/table/memory"
)

// mostAllocations is how many allocations a message through the handler may cost, over a table
// in memory.
const mostAllocations = 60

// BenchmarkMessage sends messages of a citizen in a conversation with an advisor.
func BenchmarkMessage(b *testing.B) {
	send := messages(b)
	b.ReportAllocs()
	for b.Loop() {
		send()
	}
}

func TestAMessageCostsFewAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	if n := testing.AllocsPerRun(200, messages(t)); n > mostAllocations {
		t.Errorf("%.0f allocations, %d are too many", n, mostAllocations)
	} else {
		t.Logf("%.0f allocations", n)
	}
}

// messages returns a function that sends one more message at each call.
func messages(t testing.TB) func() {
	tab := tablememory.New()
	s := newService(t)
	c := chat.New(chat.Config{Store: store.New(tab), Cases: s, Push: Pusher{Poster: discard{}}, Now: s.clock, NewID: s.newID})
	c.Desk.Times.CitizenPace = conversation.Pace{}
	s.chat, s.desk = c, c.Desk
	p, a := s.connect(giuliana), s.connect(advisor("a", "Marta"))
	p.ask(`{"action":"join","topic":"worker_case"}`)
	a.ask(`{"action":"presence","state":"available","capacity":1}`)
	a.ask(`{"action":"accept","conversation":"worker_case.0.1"}`)
	who, err := json.Marshal(giuliana)
	if err != nil {
		t.Fatal(err)
	}
	e := events.APIGatewayWebsocketProxyRequest{RequestContext: events.APIGatewayWebsocketProxyRequestContext{
		ConnectionID: string(p.id), ConnectedAt: p.epoch, Authorizer: map[string]any{identityKey: string(who), conversationKey: ""},
	}}
	m := NewMessage(c, slog.New(slog.DiscardHandler))
	n := 0
	return func() {
		n++
		s.now = s.now.Add(time.Second)
		e.Body = fmt.Sprintf(`{"action":"send","conversation":"worker_case.0.1","number":%d,"text":"Quando arriva il pagamento di ottobre?"}`, n)
		answer, err := m.Handle(t.Context(), e)
		if err != nil || strings.Contains(answer.Body, `"error"`) {
			t.Fatalf("%+v %v", answer, err)
		}
	}
}

// discard is a gateway that takes every frame.
type discard struct{}

func (discard) Post(context.Context, string, []byte) error { return nil }
func (discard) Close(context.Context, string) error        { return nil }
