package conversation

import (
	"time"

	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// A ConnectionID names a socket, as the gateway names it.
type ConnectionID string

// A Caller asks for something, over a socket or in a request.
type Caller struct {
	identity.Identity
	Slip       time.Time  `json:"slip,omitzero"` // the After of the caller's store.Slip; zero if there is none
	Connection Connection `json:"-"`             // zero for a request over HTTP
}

// A Connection is a socket.
type Connection struct {
	ID    ConnectionID
	Epoch int64 // when it was made, UTC milliseconds
	// AnswersPings says that the client has promised to answer a Ping at once. The advisor of
	// such a client counts as lost sooner: after desk.Times.AdvisorLease instead of SlowLease.
	AnswersPings bool
}

// Holder returns the holder of the caller's place in a queue.
func (who Caller) Holder() queue.HolderID {
	if who.Audience == "" || who.Audience == identity.Worker {
		return queue.HolderID(who.ID)
	}
	return queue.HolderID(who.ID) + queue.Companies
}

// Over returns the caller with the connection c.
func (who Caller) Over(c Connection) Caller {
	who.Connection = c
	return who
}

// Actor returns the actor of the commands that the caller sends.
func (who Caller) Actor() Actor {
	return Actor{Side: who.Side, ID: who.ID, Company: who.Company, Name: who.Name, Connection: who.Connection.ID, Epoch: who.Connection.Epoch}
}
