package socket

import (
	"context"

	"infocig/shared/chat"
)

// A Poster sends bytes to a connection: the gateway's @connections.
type Poster interface {
	// Post returns chat.NotFound if there is no such connection (410), and
	// chat.Throttled if it takes nothing now (429).
	Post(ctx context.Context, to chat.ConnectionID, frame []byte) error
}

// A Pusher is a chat.Pusher that speaks the protocol of this package.
type Pusher struct{ Poster Poster }

var _ chat.Pusher = Pusher{}

// Push implements chat.Pusher.
func (p Pusher) Push(ctx context.Context, to chat.ConnectionID, side chat.Side, e chat.Event) error {
	frame, err := encode(pushed(e, side))
	if err != nil {
		return err
	}
	return p.Poster.Post(ctx, to, frame)
}

func pushed(ev chat.Event, side chat.Side) event {
	switch e := ev.(type) {
	case chat.Happened:
		it := itemFor(e.Entry, side)
		return event{
			Event: eventNames[e.Entry.Kind], Conversation: e.Entry.Conversation,
			Status: e.Entry.State.Status, Item: &it,
		}
	case chat.Typing:
		return event{Event: "typing", Conversation: e.Conversation}
	case chat.ReadMark:
		return event{Event: "read", Conversation: e.Conversation, Seq: e.Seq}
	case chat.Position:
		return event{Event: "position", Conversation: e.Conversation, Ahead: &e.Ahead, Wait: waitOf(e)}
	case chat.TakenOver:
		no := false
		return event{Event: "bye", Reason: "superseded", Reconnect: &no}
	default:
		panic("unknown event")
	}
}
