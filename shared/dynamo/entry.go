package dynamo

import (
	"strconv"
	"strings"

	"infocig/shared/chat"
)

// Attributes of entries have one letter: an entry whose message has 600 bytes
// must cost one write unit, which is 1 KB. For the same reason "=" stands for an
// id that the entry has elsewhere (like).

func entryOf(it item) (e chat.Entry, err error) {
	err = unpack(it, func(f *fields) {
		var pk, sk string
		text(f, PartitionKey, &pk)
		text(f, SortKey, &sk)
		e.Conversation = chat.ConversationID(strings.TrimPrefix(pk, logPrefix))
		n, err := strconv.Atoi(sk)
		f.fail(SortKey, err)
		e.Seq = n
		entryFields(f, &e)
	})
	return e, err
}

func entryFields(f *fields, e *chat.Entry) {
	nested(stateFields)(f, "s", &e.State) // first: others refer to it
	text(f, "k", &e.Kind)
	instant(f, "t", &e.At)
	text(f, "b", &e.By)
	like(f, "a", &e.Author, e.State.Advisor.ID)
	text(f, "w", &e.Name)
	number(f, "n", &e.Number)
	text(f, "x", &e.Text)
	text(f, "r", &e.Reason)
	optional(f, "p", &e.Profile, nested(func(f *fields, p *chat.Profile) { profileFields(f, p, e.State.Citizen.ID, string(e.State.Company)) }))
	optional(f, "v", &e.Promise, document)
	optional(f, "o", &e.Opens, instant)
	optional(f, "e", &e.Escalation, nested(func(f *fields, x *chat.Escalation) {
		escalationFields(f, x, e)
	}))
}

func stateFields(f *fields, s *chat.State) {
	text(f, "s", &s.Status)
	text(f, "q", &s.Topic)
	like(f, "z", &s.Ticket.Topic, string(s.Topic))
	number(f, "h", &s.Ticket.Shard)
	number(f, "n", &s.Ticket.N)
	number(f, "g", &s.Ticket.Place)
	flag(f, "r", &s.Returned)
	nested(partyFields)(f, "c", &s.Citizen)
	nested(partyFields)(f, "a", &s.Advisor)
	text(f, "m", &s.Company)
	text(f, "l", &s.Last)
	each(f, "w", &s.Former, func(f *fields, w *chat.Former) {
		text(f, "i", &w.ID)
		number(f, "n", &w.Number)
		number(f, "s", &w.Seq)
		digest(f, "d", &w.Digest)
	})
	optional(f, "u", &s.OfferUntil, instant)
	number(f, "t", &s.Sign)
	optional(f, "v", &s.AnswerUntil, instant)
	flag(f, "y", &s.Aside)
	flag(f, "d", &s.Awaited)
	text(f, "f", &s.For)
	each(f, "k", &s.Cases, func(f *fields, c *chat.CaseRef) {
		text(f, "i", &c.ID)
		text(f, "o", &c.Office)
	})
	text(f, "e", &s.Escalation)
	nested(progressFields)(f, "p", &s.Progress)
	text(f, "o", &s.Outcome)
}

func progressFields(f *fields, p *chat.EscalationProgress) {
	number(f, "s", &p.Step)
	flag(f, "l", &p.Late)
	flag(f, "f", &p.Final)
}

func partyFields(f *fields, p *chat.Party) {
	text(f, "i", &p.ID)
	text(f, "c", &p.Connection)
	number(f, "e", &p.Epoch)
	number(f, "n", &p.Number)
	number(f, "s", &p.Seq)
	digest(f, "d", &p.Digest)
	number(f, "t", &p.At)
	number(f, "b", &p.Busy)
}

func profileFields(f *fields, p *chat.Profile, citizen, company string) {
	like(f, "i", &p.Person, citizen)
	text(f, "n", &p.Name)
	text(f, "r", &p.Role)
	text(f, "p", &p.Province)
	like(f, "c", &p.Company, company)
	text(f, "w", &p.CompanyName)
	binary(f, "f", &p.Sealed)
}

// escalationFields are those of an escalation in entry, or in the outbox, where
// entry is empty.
func escalationFields(f *fields, e *chat.Escalation, entry *chat.Entry) {
	like(f, "i", &e.ID, string(entry.State.Escalation))
	like(f, "v", &e.Conversation, string(entry.Conversation))
	like(f, "b", &e.Person, entry.State.Citizen.ID)
	like(f, "m", &e.Company, string(entry.State.Company))
	number(f, "n", &e.Seq)
	text(f, "c", &e.Case)
	text(f, "o", &e.Office)
	text(f, "a", &e.Advisor)
	instant(f, "t", &e.At)
	text(f, "s", &e.Status)
	number(f, "k", &e.Step)
	text(f, "p", &e.Protocol)
	instant(f, "d", &e.Due)
	flag(f, "l", &e.Overdue)
	number(f, "z", &e.Said)
	instant(f, "x", &e.Next)
}
