package socket

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	escalations "infocig/shared/chat/escalation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/identity"
	"infocig/shared/redact"
)

// An action is how one kind of frame is handled. A new kind is a function and a line in
// actions.
type action struct {
	side identity.Side     // the side that may send it; "" for both
	pace conversation.Pace // over one connection, as counted by one process of the function
	do   func(ctx context.Context, d rooms, s session, frame []byte) (event, error)
}

// The paces of frames, documented in asyncapi.yaml. Messages have paces of their own, which
// count for each person and conversation: desk.Times.
var (
	often  = conversation.Pace{Burst: 30, Every: 500 * time.Millisecond} // for frames that pages send by themselves
	rarely = conversation.Pace{Burst: 15, Every: 2 * time.Second}        // for frames that people cause
	freely = conversation.Pace{}
)

// rooms are the packages of the chat that frames are for.
type rooms struct {
	*desk.Desk
	escalations *escalations.Service
}

var actions = map[string]action{
	"hello":    {"", often, on(doHello)},
	"send":     {"", freely, on(doSend)},
	"typing":   {"", often, on(doTyping)},
	"read":     {"", often, on(doRead)},
	"ping":     {"", often, on(doPing)},
	"join":     {identity.SideCitizen, rarely, on(doJoin)},
	"leave":    {identity.SideCitizen, rarely, on(doLeave)},
	"here":     {identity.SideCitizen, rarely, on(doHere)},
	"presence": {identity.SideAdvisor, rarely, on(doPresence)},
	"accept":   {identity.SideAdvisor, rarely, on(doAccept)},
	"ask":      {identity.SideAdvisor, rarely, on(doAsk)},
	"note":     {identity.SideAdvisor, rarely, on(doNote)},
	"transfer": {identity.SideAdvisor, rarely, on(doTransfer)},
	"escalate": {identity.SideAdvisor, rarely, on(doEscalate)},
	"close":    {identity.SideAdvisor, rarely, on(doClose)},
}

// on returns an action's do that decodes the frame strictly and checks its ids before it calls
// do.
func on[F any](do func(context.Context, rooms, session, F) (event, error)) func(context.Context, rooms, session, []byte) (event, error) {
	return func(ctx context.Context, d rooms, s session, frame []byte) (event, error) {
		f, err := decode[F](frame)
		if err == nil {
			err = exact(f)
		}
		if err != nil {
			return event{}, err
		}
		return do(ctx, d, s, f)
	}
}

func doHello(ctx context.Context, d rooms, s session, f hello) (event, error) {
	if f.Since < 0 {
		return event{}, code.Invalid
	}
	s.who.Connection.AnswersPings = f.AnswersPings
	e := event{
		Event: "welcome", At: d.Now().UTC(), HeartbeatS: int(desk.Heartbeat.Seconds()),
		Limits: &limits{KeepPlaceS: int(d.Times.KeepPlace.Seconds()), IdleS: int(d.Times.IdleLimit.Seconds())},
		You:    &you{Side: s.who.Side, Name: s.who.Name}, Closing: noticeOf(d.Closing(ctx)),
	}
	if s.who.Side == identity.SideAdvisor {
		return advisorHello(ctx, d, s, f, e)
	}
	v, err := d.Resume(ctx, s.who, f.Conversation, f.Since)
	if other, ok := errors.AsType[*desk.Elsewhere](err); ok && f.Conversation == "" {
		e.Elsewhere = &elsewhere{ID: other.Company, Company: other.Name}
		return e, nil
	}
	if errors.Is(err, code.NotFound) && f.Conversation == "" {
		return e, nil
	}
	if err != nil {
		return event{}, err
	}
	return withSnapshot(e, v, identity.SideCitizen), nil
}

func advisorHello(ctx context.Context, d rooms, s session, f hello, e event) (event, error) {
	if f.Conversation != "" {
		v, err := d.Open(ctx, s.who, f.Conversation, f.Since)
		if err != nil {
			return event{}, err
		}
		return withSnapshot(e, v, identity.SideAdvisor), nil
	}
	on, err := d.Duty(ctx, s.who)
	if err != nil {
		return event{}, err
	}
	e.Duty = dutyOf(on.Advisor)
	for _, tail := range on.Open {
		e.Snapshots = append(e.Snapshots, snapshotFor(desk.View{Last: tail}, identity.SideAdvisor))
	}
	return e, nil
}

func dutyOf(a conversation.Advisor) *duty {
	return &duty{Presence: a.Presence, Capacity: a.Capacity, Topics: a.Topics}
}

func withSnapshot(e event, v desk.View, side identity.Side) event {
	snap := snapshotFor(v, side)
	e.Snapshot, e.Conversation, e.Status = &snap, snap.Conversation, snap.Status
	return e
}

func doJoin(ctx context.Context, d rooms, s session, f join) (event, error) {
	req := desk.JoinRequest{Topic: f.Topic, Cases: f.Cases}
	var hidden []redact.Kind
	if f.Question != "" {
		var err error
		if req.Question, hidden, err = conversation.Written(f.Question); err != nil {
			return event{}, err
		}
	}
	joined, err := d.Join(ctx, s.who, req)
	if err != nil {
		return event{}, err
	}
	if !joined.Decision.Admitted() {
		answer := joined.Decision.Answer(s.who.Language)
		return event{Event: "refused", Decision: &answer}, nil
	}
	return withSnapshot(event{Event: "queued", Hidden: hidden, Closing: noticeOf(d.Closing(ctx))}, joined.View, identity.SideCitizen), nil
}

// stored acknowledges a new entry, in the form in which it was stored.
func stored(e conversation.Entry, side identity.Side) event {
	ack := event{Event: "ack", Conversation: e.Conversation, Seq: e.Seq, Number: e.Number, Status: e.State.Status}
	if e.Kind != "" {
		it := itemFor(e, side)
		ack.Item = &it
	}
	return ack
}

// hiding adds to an acknowledgement the kinds of numbers that were hidden in the sender's
// text.
func hiding(ack event, hidden []redact.Kind) event {
	ack.Hidden = hidden
	return ack
}

func acknowledge(id queue.ConversationID) event { return event{Event: "ack", Conversation: id} }

func doSend(ctx context.Context, d rooms, s session, f send) (event, error) {
	body, hidden, err := conversation.Written(f.Text)
	if err != nil {
		return event{}, err
	}
	sent, err := d.Send(ctx, s.who, f.Conversation, conversation.Send{Number: f.Number, Text: body})
	if err != nil {
		return event{}, err
	}
	return hiding(stored(sent.Entry, s.who.Side), hidden), nil
}

func doTyping(ctx context.Context, d rooms, s session, f about) (event, error) {
	return acknowledge(f.Conversation), d.Typing(ctx, s.who, f.Conversation)
}

func doRead(ctx context.Context, d rooms, s session, f read) (event, error) {
	if f.Seq < 1 {
		return event{}, code.Invalid
	}
	return acknowledge(f.Conversation), d.Read(ctx, s.who, f.Conversation, f.Seq)
}

func doPing(ctx context.Context, d rooms, s session, f ping) (event, error) {
	pong := event{Event: "pong"}
	s.who.Connection.AnswersPings = f.AnswersPings
	if s.who.Side == identity.SideAdvisor {
		if f.Conversation != "" {
			return event{}, code.Invalid
		}
		return pong, d.RenewAdvisor(ctx, s.who)
	}
	if f.Conversation == "" {
		return pong, nil
	}
	v, err := d.Ping(ctx, s.who, f.Conversation)
	return pongFor(v), err
}

func doHere(ctx context.Context, d rooms, s session, f here) (event, error) {
	if f.Conversation == "" {
		return event{Event: "pong"}, nil
	}
	v, err := d.Here(ctx, s.who, f.Conversation)
	return pongFor(v), err
}

func pongFor(v desk.View) event {
	pong := event{Event: "pong", Conversation: v.Last.Conversation, Seq: v.Last.Seq, Status: v.Last.State.Status}
	pong.place = placeOf(v.Last, v.Position)
	return pong
}

func doLeave(ctx context.Context, d rooms, s session, f leave) (event, error) {
	if f.Elsewhere == (f.Conversation != "") {
		return event{}, code.Invalid
	}
	if f.Elsewhere {
		return event{Event: "ack"}, d.LeaveElsewhere(ctx, s.who)
	}
	e, err := d.Leave(ctx, s.who, f.Conversation)
	if err != nil {
		return event{}, err
	}
	return stored(e, s.who.Side), nil
}

func doPresence(ctx context.Context, d rooms, s session, f presence) (event, error) {
	me, err := d.SetPresence(ctx, s.who, f.State, f.Capacity)
	if err != nil {
		return event{}, err
	}
	return event{Event: "ack", Duty: dutyOf(me)}, nil
}

func doAccept(ctx context.Context, d rooms, s session, f about) (event, error) {
	e, err := d.Accept(ctx, s.who, f.Conversation)
	if err != nil {
		return event{}, err
	}
	return stored(e, s.who.Side), nil
}

func doAsk(ctx context.Context, d rooms, s session, f about) (event, error) {
	e, err := d.Expect(ctx, s.who, f.Conversation)
	if err != nil {
		return event{}, err
	}
	return stored(e, s.who.Side), nil
}

func doNote(ctx context.Context, d rooms, s session, f send) (event, error) {
	body, hidden, err := conversation.Written(f.Text)
	if err != nil {
		return event{}, err
	}
	if _, err := d.Note(ctx, s.who, f.Conversation, f.Number, body); err != nil {
		return event{}, err
	}
	ack := acknowledge(f.Conversation)
	ack.Number = f.Number
	return hiding(ack, hidden), nil
}

func doTransfer(ctx context.Context, d rooms, s session, f transfer) (event, error) {
	e, err := d.Transfer(ctx, s.who, f.Conversation, conversation.Transfer{To: f.Advisor, Topic: f.Topic})
	if err != nil {
		return event{}, err
	}
	return stored(e, s.who.Side), nil
}

func doEscalate(ctx context.Context, d rooms, s session, f escalate) (event, error) {
	body, hidden, err := conversation.Written(f.Text)
	if err != nil {
		return event{}, err
	}
	sent, err := d.escalations.Escalate(ctx, s.who, f.Conversation, f.Number, f.Case, body)
	if err != nil {
		return event{}, err
	}
	return hiding(stored(sent.Entry, s.who.Side), hidden), nil
}

func doClose(ctx context.Context, d rooms, s session, f closing) (event, error) {
	e, err := d.Close(ctx, s.who, f.Conversation, f.Outcome)
	if err != nil {
		return event{}, err
	}
	return stored(e, s.who.Side), nil
}
