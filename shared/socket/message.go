package socket

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json"
	"golang.org/x/text/unicode/norm"

	"infocig/shared/chat"
	"infocig/shared/redact"
	"infocig/shared/text"
)

// MaxFrame is how many bytes a frame from a client may have.
const MaxFrame = 16 << 10

// A Message handles the frames that clients send. Its answer is the body of its
// response: the route must have a route response.
type Message struct {
	Desk *chat.Desk
	Log  *slog.Logger

	strikes *strikes
}

// NewMessage returns the handler.
func NewMessage(desk *chat.Desk, log *slog.Logger) Message {
	return Message{Desk: desk, Log: log, strikes: &strikes{}}
}

// Handle answers one frame. It fails for nothing that a client can do: bad
// input gets a typed error, and the connection stays.
func (m Message) Handle(ctx context.Context, req events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	s, err := sessionOf(req.RequestContext)
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
		return h, event{}, chat.Invalid
	}
	if err := json.Unmarshal(frame, &h); err != nil {
		return head{}, event{}, chat.Invalid
	}
	if h.ID < 0 {
		return head{}, event{}, chat.Invalid
	}
	act, ok := actions[h.Action]
	switch {
	case !ok:
		return h, event{}, chat.Invalid
	case act.side != "" && act.side != s.who.Side:
		return h, event{}, chat.Forbidden
	}
	answer, err := act.do(ctx, m.Desk, s, frame)
	return h, answer, err
}

// failure turns an error into a frame. What has no code is logged in full here,
// once, and nowhere else.
func (m Message) failure(ctx context.Context, s session, h head, err error) event {
	code := chat.Internal
	if !errors.As(err, &code) {
		code = chat.Internal
		m.Log.ErrorContext(ctx, "action failed", "action", h.Action, "connection", s.conn.ID, "err", err)
	}
	retry := code.Retry()
	e := event{Event: "error", Code: code, Text: text.Sentence(s.who.Language, "error."+string(code)), Retry: &retry}
	if fast, ok := errors.AsType[*chat.TooFast](err); ok {
		e.AfterMS = int(fast.After.Milliseconds())
		if m.strikes.add(s.conn.ID, m.Desk.Now()) {
			m.Desk.Banish(ctx, s.who, s.conn)
		}
	}
	return e
}

// decode reads a frame strictly: unknown, repeated and differently cased names,
// wrong types, invalid UTF-8 and anything behind the document are refused.
func decode[F any](frame []byte) (f F, err error) {
	if err := json.Unmarshal(frame, &f, json.RejectUnknownMembers(true)); err != nil {
		return f, chat.Invalid
	}
	return f, nil
}

func encode(e event) ([]byte, error) { return json.Marshal(e) }

// written returns what somebody wrote as it may be stored, and what was hidden
// in it.
func written(raw string) (chat.Text, []redact.Kind, error) {
	clean, hidden := redact.Text(norm.NFC.String(raw))
	text, err := chat.NewText(clean)
	return text, hidden, err
}
