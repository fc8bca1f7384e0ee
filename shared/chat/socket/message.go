package socket

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json"

	"infocig/shared/chat"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	escalations "infocig/shared/chat/escalation"
	"infocig/shared/code"
	"infocig/shared/http/wire"
	"infocig/shared/identity"
	"infocig/shared/text"
)

// MaxFrame is how many bytes a frame from a client may have.
const MaxFrame = 16 << 10

// A Message handles the frames that clients send. The answer to a frame is the body of the
// response, so the gateway's route must have a route response.
type Message struct {
	Desk        *desk.Desk
	Escalations *escalations.Service
	Log         *slog.Logger

	memory *memory
}

// NewMessage returns a handler of frames.
func NewMessage(c *chat.Chat, log *slog.Logger) Message {
	return Message{Desk: c.Desk, Escalations: c.Escalations, Log: log, memory: &memory{}}
}

// Handle answers one frame. It returns no error for anything that a client can do: bad input
// gets a typed error frame, and the connection stays open.
func (m Message) Handle(ctx context.Context, req events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	s, err := m.memory.session(req.RequestContext, m.Desk.Now())
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	h, answer, err := m.answer(ctx, s, []byte(req.Body))
	if err != nil {
		answer = m.failure(ctx, s, h, err)
	}
	answer.Re = h.ID
	frame, err := encode(answer)
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	return events.APIGatewayProxyResponse{StatusCode: http.StatusOK, Body: string(frame)}, nil
}

func (m Message) answer(ctx context.Context, s session, frame []byte) (head, event, error) {
	var h head
	if len(frame) > MaxFrame {
		return h, event{}, code.Invalid
	}
	if err := json.Unmarshal(frame, &h); err != nil {
		return head{}, event{}, code.Invalid
	}
	if h.ID != nil && *h.ID < 0 {
		return head{}, event{}, code.Invalid
	}
	act, ok := actions[h.Action]
	switch {
	case !ok:
		return h, event{}, code.Invalid
	case act.side != "" && act.side != s.who.Side:
		return h, event{}, code.Forbidden
	}
	if after := m.memory.spend(s.who.Connection.ID, h.Action, act.pace, m.Desk.Now()); after > 0 {
		return h, event{}, &code.TooFast{After: after}
	}
	answer, err := act.do(ctx, rooms{m.Desk, m.Escalations}, s, frame)
	if err == nil {
		err = m.stay(ctx, s, h.Action, frame, answer)
	}
	return h, answer, err
}

// stay records that the client is there, after a frame that changed nothing, because every
// frame is a sign of life. Each process records one such frame of a connection in stayEvery. A
// ping counts, because it is recorded anyway.
func (m Message) stay(ctx context.Context, s session, action string, frame []byte, answer event) error {
	own := action == "hello" && s.who.Side == identity.SideAdvisor && answer.Snapshot == nil // it lists what the advisor has
	switch {
	case action == "ping":
		m.memory.due(s.who.Connection.ID, m.Desk.Now())
		return nil
	case own, action == "hello", action == "typing", action == "read", action == "note", action == "presence":
	default:
		return nil // the frame has made an entry
	}
	if fresh := m.Desk.Now().Sub(time.UnixMilli(s.who.Connection.Epoch)) < stayEvery; fresh || !m.memory.due(s.who.Connection.ID, m.Desk.Now()) {
		return nil // $connect has recorded a fresh connection
	}
	if own {
		f, err := decode[hello](frame)
		if err != nil {
			return err
		}
		s.who.Connection.AnswersPings = f.AnswersPings
		return m.Desk.RenewAdvisor(ctx, s.who)
	}
	if err := m.Desk.Stay(ctx, s.who, answer.Conversation); err != nil {
		m.Log.WarnContext(ctx, "cannot note that a client is there", "connection", s.who.Connection.ID, "err", err)
	}
	return nil
}

// failure turns an error into a frame. An error without a code is logged in full here, and
// nowhere else.
func (m Message) failure(ctx context.Context, s session, h head, err error) event {
	why := code.Internal
	if !errors.As(err, &why) {
		why = code.Internal
		m.Log.ErrorContext(ctx, "action failed", "action", h.Action, "connection", s.who.Connection.ID, "err", err)
	}
	retry := why.Retry()
	e := event{Event: "error", Code: why, Text: text.Sentence(s.who.Language, "error."+string(why)), Retry: &retry}
	if other, ok := errors.AsType[*desk.Elsewhere](err); ok {
		e.Elsewhere = &elsewhere{ID: other.Company, Company: other.Name}
	}
	if bad, ok := errors.AsType[*conversation.BadText](err); ok {
		e.Character = bad.Character()
		e.Text = text.BadText(s.who.Language, bad.Refused)
	}
	if fast, ok := errors.AsType[*code.TooFast](err); ok {
		e.AfterMS = int(fast.After.Milliseconds())
		if m.memory.strike(s.who.Connection.ID, m.Desk.Now(), fast.After) {
			m.Desk.Banish(ctx, s.who)
		}
	}
	return e
}

// decode reads a frame strictly, as [wire.Decode] does. Its error is code.Invalid.
func decode[F any](frame []byte) (f F, err error) {
	if err := wire.Decode(frame, &f); err != nil {
		return f, code.Invalid
	}
	return f, nil
}

func encode(e event) ([]byte, error) { return wire.Encode(e) }
