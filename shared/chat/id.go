package chat

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"infocig/shared/chat/admission"
)

// Identifiers. None of them holds anything personal: a PersonID is a keyed hash.
type (
	ConversationID string // of a conversation: that of its first ticket
	PersonID       string // pseudonym of a citizen: a keyed hash of the fiscal code
	HolderID       string // for whom a place is kept: a person as a worker, or a person for whatever companies
	AdvisorID      string // of an advisor, as the institute's issuer names it
	ConnectionID   string // of a socket, as the gateway names it
	CaseID         string // of a case
	CompanyID      string // pseudonym of a company: a keyed hash of its fiscal code
	OfficeID       string // of a territorial office
	EscalationID   string // of an escalation; also its idempotency key
)

// A Topic is what a queue is for. Requirements.
type Topic string

// The topics.
const (
	WorkerCase       Topic = "worker_case"       // a worker: state of the own case and of the payment
	EmployerBenefits Topic = "employer_benefits" // an employer: benefits in general
	EmployerCase     Topic = "employer_case"     // an employer: state of a case
)

// Topics lists every topic.
var Topics = []Topic{WorkerCase, EmployerBenefits, EmployerCase}

// TopicsOf returns those that an audience can ask about, the usual one first.
func TopicsOf(a admission.Audience) []Topic {
	if a == admission.Worker {
		return []Topic{WorkerCase}
	}
	return []Topic{EmployerCase, EmployerBenefits}
}

// HolderOf returns for whom a place in the queue of topic is kept: a person holds one as
// a worker, and one for the companies that the person acts for, whatever their number.
func HolderOf(id PersonID, t Topic) HolderID {
	if t == WorkerCase {
		return HolderID(id)
	}
	return HolderID(id) + companies
}

// Holders returns all that a person can be.
func Holders(id PersonID) []HolderID { return []HolderID{HolderID(id), HolderID(id) + companies} }

const companies = "+companies"

// A Ticket is a place in the order of arrival of one topic. Tickets of one
// topic and shard are numbered from 1 without repetition. What a ticket is known
// by is topic, shard and number.
type Ticket struct {
	Topic Topic `json:"topic"`
	Shard int   `json:"shard"`
	N     int   `json:"n"`
	// Place is that among the tickets of all shards, where there are several;
	// Order.
	Place int `json:"place,omitempty"`
}

// Order returns the ticket's place in the order of arrival: how many tickets of
// its topic had been taken when it was, with it. If somebody joined after another
// had joined the place is larger; of those who joined at the same time it may be the
// same, or the other way round.
func (t Ticket) Order() int {
	if t.Place > 0 {
		return t.Place
	}
	return t.N // with one shard
}

// Conversation returns the id of the conversation that t was taken for. Because
// it follows from the ticket, whoever serves a ticket finds its conversation
// without an index.
func (t Ticket) Conversation() ConversationID {
	return ConversationID(fmt.Sprintf("%s.%d.%d", t.Topic, t.Shard, t.N))
}

// ticketOf returns the ticket that a conversation was named after.
func ticketOf(id ConversationID) (t Ticket, ok bool) {
	parts := strings.Split(string(id), ".")
	if len(parts) != 3 {
		return t, false
	}
	shard, err := strconv.Atoi(parts[1])
	if err != nil {
		return t, false
	}
	n, err := strconv.Atoi(parts[2])
	return Ticket{Topic: Topic(parts[0]), Shard: shard, N: n}, err == nil
}

// Valid reports whether a conversation can have that id: there is one way only to
// write it.
func (id ConversationID) Valid() bool {
	t, ok := ticketOf(id)
	return ok && slices.Contains(Topics, t.Topic) && t.N > 0 && t.Conversation() == id
}

// Valid reports whether an issuer can name an advisor so: OpenID Connect Core 1.0,
// section 2, wants at most 255 characters of ASCII, and none of them is a control
// character here.
func (id AdvisorID) Valid() bool {
	return len(id) <= 255 && !strings.ContainsFunc(string(id), func(r rune) bool { return r < ' ' || r > '~' })
}

// Text is what a person wrote. A log shows only its length.
type Text string

// LogValue keeps the text out of logs.
func (t Text) LogValue() slog.Value {
	return slog.StringValue(fmt.Sprintf("[%d chars]", utf8.RuneCountInString(string(t))))
}
