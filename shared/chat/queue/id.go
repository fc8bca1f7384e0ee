package queue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"infocig/shared/identity"
)

// A ConversationID names a conversation by the ticket that it was opened with.
// Ticket.Conversation has the form.
type ConversationID string

// A HolderID names the holder of a place in a queue. A person is two holders: one as a worker,
// and one for all the companies that the person acts for.
type HolderID string

// A Topic is the subject of a queue. Requirements.
type Topic string

// The topics.
const (
	WorkerCase       Topic = "worker_case"       // a worker: state of the worker's case and of the payment
	EmployerBenefits Topic = "employer_benefits" // an employer: benefits in general
	EmployerCase     Topic = "employer_case"     // an employer: state of a case
)

// Topics lists every topic.
var Topics = []Topic{WorkerCase, EmployerBenefits, EmployerCase}

// TopicsOf returns the topics that citizens of an audience can ask about, the usual topic
// first.
func TopicsOf(a identity.Audience) []Topic {
	if a == identity.Worker {
		return []Topic{WorkerCase}
	}
	return []Topic{EmployerCase, EmployerBenefits}
}

// topicsOfSkill maps the institute's name of an advisor's skill to the topics behind it.
var topicsOfSkill = map[string][]Topic{
	"workers":   {WorkerCase},
	"employers": {EmployerCase, EmployerBenefits},
}

// TopicsOfSkills returns the topics that an advisor with these skills answers: all topics if
// there are no skills. The name of a topic counts as a skill too, because socket tickets had
// these names until version 0051. Unknown skills add nothing.
func TopicsOfSkills(skills []string) []Topic {
	if len(skills) == 0 {
		return Topics
	}
	var all []Topic
	for _, s := range skills {
		all = append(all, topicsOfSkill[s]...)
		if slices.Contains(Topics, Topic(s)) {
			all = append(all, Topic(s))
		}
	}
	return all
}

// HolderOf returns the holder of a person's place in the queue of topic t: the person as a
// worker, or the person for companies. The number of companies does not matter.
func HolderOf(id identity.PersonID, t Topic) HolderID {
	if t == WorkerCase {
		return HolderID(id)
	}
	return HolderID(id) + Companies
}

// Holders returns both holders that a person can be.
func Holders(id identity.PersonID) []HolderID {
	return []HolderID{HolderID(id), HolderID(id) + Companies}
}

// Companies follows the person's id in the HolderID of a place for companies.
const Companies = "+companies"

// A Ticket is a place in the order of arrival of one topic. Tickets of one topic and shard are
// numbered from 1 without repetition. Topic, shard and number identify a ticket.
type Ticket struct {
	Topic Topic `json:"topic"`
	Shard int   `json:"shard"`
	N     int   `json:"n"`
	// Place is the ticket's place among the tickets of all shards. It is 0 if there is only
	// one shard. See Order.
	Place int `json:"place,omitempty"`
}

// Order returns the ticket's place in the order of arrival: the number of tickets of its topic
// that were taken by then, including the ticket itself. A citizen who joins after another
// citizen's join has returned has a larger place. Citizens who join at the same time may have
// the same place, or places in either order.
func (t Ticket) Order() int {
	if t.Place > 0 {
		return t.Place
	}
	return t.N // with one shard
}

// Conversation returns the id of the conversation that t was taken for. The id follows from
// the ticket, so the conversation of a ticket is found without an index.
func (t Ticket) Conversation() ConversationID {
	return ConversationID(fmt.Sprintf("%s.%d.%d", t.Topic, t.Shard, t.N))
}

// TicketOf returns the ticket that a conversation was named after, without its place. It
// reports false if id does not have the form of a ConversationID.
func TicketOf(id ConversationID) (t Ticket, ok bool) {
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

// Valid reports whether a conversation can have the id. A number can be written in one way
// only, so "worker_case.0.01" is not valid.
func (id ConversationID) Valid() bool {
	t, ok := TicketOf(id)
	return ok && slices.Contains(Topics, t.Topic) && t.N > 0 && t.Conversation() == id
}

// before orders the tickets at the front of one queue: by place, then by topic, shard and
// number. The front of a queue can have tickets of other topics because a transfer keeps the
// ticket.
func (t Ticket) before(u Ticket) bool {
	switch {
	case t.Order() != u.Order():
		return t.Order() < u.Order()
	case t.Topic != u.Topic:
		return t.Topic < u.Topic
	case t.Shard != u.Shard:
		return t.Shard < u.Shard
	default:
		return t.N < u.N
	}
}
