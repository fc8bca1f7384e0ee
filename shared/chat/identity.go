package chat

import (
	"time"

	"infocig/shared/chat/admission"
)

// A Caller is who somebody is according to the portal that authenticated
// them. Requirements.
type Caller struct {
	Side     Side   `json:"side"`
	ID       string `json:"id"` // PersonID of a citizen, AdvisorID of staff
	Name     string `json:"name"`
	Language string `json:"language,omitempty"` // of the sentences sent to them

	// Of a citizen.
	Login       admission.Login    `json:"login,omitzero"`
	Audience    admission.Audience `json:"audience,omitempty"`
	Role        admission.Role     `json:"role,omitempty"`
	Province    string             `json:"province,omitempty"` // of residence, or of the company's registered office
	Company     CompanyID          `json:"company,omitempty"`  // that they act for
	CompanyName string             `json:"company_name,omitempty"`
	Sealed      []byte             `json:"sealed,omitempty"` // the fiscal code, encrypted
	Slip        time.Time          `json:"slip,omitzero"`    // as Slip.After, if they have one

	// Of staff.
	Groups []string `json:"groups,omitempty"`
	Topics []Topic  `json:"topics,omitempty"` // of an advisor
	Person PersonID `json:"person,omitempty"` // as whom they would chat themselves; "" where the token does not say it

	Connection Connection `json:"-"` // over which they ask; none of a request
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
func (who Caller) Holder() HolderID {
	if who.Audience == "" || who.Audience == admission.Worker {
		return HolderID(who.ID)
	}
	return HolderID(who.ID) + companies
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
