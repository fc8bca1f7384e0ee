package queue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"infocig/shared/identity"
)

// A ConversationID is that of the conversation's first ticket.
type ConversationID string

// A HolderID says for whom a place is kept: a person as a worker, or a person for
// whatever companies.
type HolderID string

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
func TopicsOf(a identity.Audience) []Topic {
	if a == identity.Worker {
		return []Topic{WorkerCase}
	}
	return []Topic{EmployerCase, EmployerBenefits}
}

// topicsOfSkill are the topics behind the institute's names of what its advisors know.
var topicsOfSkill = map[string][]Topic{
	"workers":   {WorkerCase},
	"employers": {EmployerCase, EmployerBenefits},
}

// TopicsOfSkills returns the topics that an advisor with these skills answers: all without any. A
// topic's own name counts as a skill, as tickets of the socket had it until version 0051.
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

// HolderOf returns for whom a place in the queue of topic is kept: a person holds one as
// a worker, and one for the companies that the person acts for, whatever their number.
func HolderOf(id identity.PersonID, t Topic) HolderID {
	if t == WorkerCase {
		return HolderID(id)
	}
	return HolderID(id) + Companies
}

// Holders returns all that a person can be.
func Holders(id identity.PersonID) []HolderID {
	return []HolderID{HolderID(id), HolderID(id) + Companies}
}

// Companies is what the holder of a place for companies has behind the person's id.
const Companies = "+companies"

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

// TicketOf returns the ticket that a conversation was named after.
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

// Valid reports whether a conversation can have that id: there is one way only to
// write it.
func (id ConversationID) Valid() bool {
	t, ok := TicketOf(id)
	return ok && slices.Contains(Topics, t.Topic) && t.N > 0 && t.Conversation() == id
}

// before orders tickets of one queue's front: by place, then by where the
// number is from, since a transfer brings tickets of other topics.
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
