package conversation

import (
	"time"

	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// A ConnectionID names a socket, as the gateway does.
type ConnectionID string

// A Caller is who asks for something, and over which socket.
type Caller struct {
	identity.Identity
	Slip       time.Time  `json:"slip,omitzero"` // as Slip.After, if they have one
	Connection Connection `json:"-"`             // none of a request
}

// A Connection is a socket.
type Connection struct {
	ID    ConnectionID
	Epoch int64 // when it was made, UTC milliseconds
	// AnswersPings says that the client has promised to answer a Ping at once: it is
	// missed sooner than a client that has not.
	AnswersPings bool
}

// Holder returns for whom a place of who is kept.
func (who Caller) Holder() queue.HolderID {
	if who.Audience == "" || who.Audience == identity.Worker {
		return queue.HolderID(who.ID)
	}
	return queue.HolderID(who.ID) + queue.Companies
}

// Over returns who as one that asks over c.
func (who Caller) Over(c Connection) Caller {
	who.Connection = c
	return who
}

// Actor returns who acts when the caller sends a frame.
func (who Caller) Actor() Actor {
	return Actor{Side: who.Side, ID: who.ID, Company: who.Company, Name: who.Name, Connection: who.Connection.ID, Epoch: who.Connection.Epoch}
}
