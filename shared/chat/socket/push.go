package socket

import (
	"context"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/identity"
)

// A Poster sends bytes to a connection. It is the gateway's @connections.
type Poster interface {
	// Post sends a frame. It returns code.NotFound if there is no such connection (410), and
	// code.Throttled if the connection takes nothing now (429).
	Post(ctx context.Context, to string, frame []byte) error

	// Close closes a connection, if there is one.
	Close(ctx context.Context, to string) error
}

// A Pusher is a desk.Pusher that speaks the protocol of this package.
type Pusher struct{ Poster Poster }

var _ desk.Pusher = Pusher{}

// Push implements desk.Pusher.
func (p Pusher) Push(ctx context.Context, to conversation.ConnectionID, side identity.Side, e desk.Event) error {
	frame, err := encode(pushed(e, side))
	if err != nil {
		return err
	}
	return p.Poster.Post(ctx, string(to), frame)
}

// Close implements desk.Pusher.
func (p Pusher) Close(ctx context.Context, to conversation.ConnectionID) error {
	return p.Poster.Close(ctx, string(to))
}

func pushed(ev desk.Event, side identity.Side) event {
	switch e := ev.(type) {
	case desk.Happened:
		it := itemFor(e.Entry, side)
		ev := event{
			Event: eventNames[e.Entry.Kind], Conversation: e.Entry.Conversation,
			Status: e.Entry.State.Status, Item: &it,
		}
		if e.First != nil {
			snap := snapshotFor(desk.View{Last: e.Entry, Entries: []conversation.Entry{*e.First, e.Entry}}, side)
			ev.Snapshot = &snap
		}
		return ev
	case desk.Typing:
		return event{Event: "typing", Conversation: e.Conversation}
	case desk.ReadMark:
		return event{Event: "read", Conversation: e.Conversation, Seq: e.Seq}
	case desk.Position:
		return event{Event: "position", Conversation: e.Conversation, place: standing(e)}
	case desk.Closing:
		return event{Event: "closing", Closing: noticeOf(&e)}
	case desk.DutyChanged:
		d := dutyOf(e.Advisor)
		d.Why = e.Why
		return event{Event: "duty", Duty: d}
	case desk.Queues:
		return event{Event: "queues", Queues: e.Waiting}
	case desk.Pinged:
		return event{Event: "ping"}
	case desk.TakenOver:
		return bye("superseded")
	case desk.LoggedOut:
		return bye("logged_out")
	case desk.Banished:
		return bye("too_fast")
	default:
		panic("unknown event")
	}
}

// bye returns the event that tells a client that its connection is over, and that it must not
// reconnect by itself.
func bye(reason string) event {
	no := false
	return event{Event: "bye", Reason: reason, Reconnect: &no}
}
