package store

import (
	"fmt"
	"strconv"

	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/table"
)

// Attributes of entries have one letter: an entry whose message has 600 bytes must cost one
// write unit, which is 1 KB. For the same reason "=" stands for an id that the entry has in
// another attribute too (table.Like).

func entryOf(id queue.ConversationID, r table.Row) (e conversation.Entry, err error) {
	e.Conversation = id
	if e.Seq, err = strconv.Atoi(r.Sort); err != nil {
		return e, fmt.Errorf("number of an entry: %w", err)
	}
	err = table.Unpack(r.Item, func(f *table.Fields) { entryFields(f, &e) })
	return e, err
}

func entryFields(f *table.Fields, e *conversation.Entry) {
	table.Nested(f, "s", &e.State, stateFields) // first, because other attributes refer to it
	table.Text(f, "k", &e.Kind)
	table.Instant(f, "t", &e.At)
	table.Text(f, "b", &e.By)
	table.Like(f, "a", &e.Author, e.State.Advisor.ID)
	table.Text(f, "w", &e.Name)
	table.Integer(f, "n", &e.Number)
	table.Text(f, "x", &e.Text)
	table.Text(f, "r", &e.Reason)
	table.OptionalNested(f, "p", &e.Profile, func(f *table.Fields, p *conversation.Profile) {
		profileFields(f, p, e.State.Citizen.ID, string(e.State.Company))
	})
	table.Optional(f, "v", &e.Promise, table.Document)
	table.Optional(f, "o", &e.Opens, table.Instant)
	table.OptionalNested(f, "e", &e.Escalation, func(f *table.Fields, x *conversation.Escalation) {
		escalationFields(f, x, e)
	})
}

func stateFields(f *table.Fields, s *conversation.State) {
	table.Text(f, "s", &s.Status)
	table.Text(f, "q", &s.Topic)
	table.Like(f, "z", &s.Ticket.Topic, string(s.Topic))
	table.Integer(f, "h", &s.Ticket.Shard)
	table.Integer(f, "n", &s.Ticket.N)
	table.Integer(f, "g", &s.Ticket.Place)
	table.Flag(f, "r", &s.Returned)
	table.Nested(f, "c", &s.Citizen, partyFields)
	table.Nested(f, "a", &s.Advisor, partyFields)
	table.Text(f, "m", &s.Company)
	table.Text(f, "l", &s.Last)
	table.Each(f, "w", &s.Former, func(f *table.Fields, w *conversation.Former) {
		table.Text(f, "i", &w.ID)
		table.Integer(f, "n", &w.Number)
		table.Integer(f, "s", &w.Seq)
		table.Bits(f, "d", &w.Digest)
	})
	table.Optional(f, "u", &s.OfferUntil, table.Instant)
	table.Integer(f, "t", &s.Sign)
	table.Optional(f, "v", &s.AnswerUntil, table.Instant)
	table.Flag(f, "y", &s.Aside)
	table.Flag(f, "d", &s.Awaited)
	table.Text(f, "f", &s.For)
	table.Each(f, "k", &s.Cases, func(f *table.Fields, c *cases.Ref) {
		table.Text(f, "i", &c.ID)
		table.Text(f, "o", &c.Office)
	})
	table.Text(f, "e", &s.Escalation)
	table.Nested(f, "p", &s.Progress, progressFields)
	table.Text(f, "o", &s.Outcome)
}

func progressFields(f *table.Fields, p *conversation.EscalationProgress) {
	table.Integer(f, "s", &p.Step)
	table.Flag(f, "l", &p.Late)
	table.Flag(f, "f", &p.Final)
}

func partyFields(f *table.Fields, p *conversation.Party) {
	table.Text(f, "i", &p.ID)
	table.Text(f, "c", &p.Connection)
	table.Integer(f, "e", &p.Epoch)
	table.Integer(f, "n", &p.Number)
	table.Integer(f, "s", &p.Seq)
	table.Bits(f, "d", &p.Digest)
	table.Integer(f, "t", &p.At)
	table.Integer(f, "b", &p.Busy)
}

func profileFields(f *table.Fields, p *conversation.Profile, citizen, company string) {
	table.Like(f, "i", &p.Person, citizen)
	table.Text(f, "n", &p.Name)
	table.Text(f, "r", &p.Role)
	table.Text(f, "p", &p.Province)
	table.Like(f, "c", &p.Company, company)
	table.Text(f, "w", &p.CompanyName)
	table.Binary(f, "f", &p.Sealed)
}

// escalationFields lists the attributes of an escalation in entry, or in the outbox, where
// entry is empty.
func escalationFields(f *table.Fields, e *conversation.Escalation, entry *conversation.Entry) {
	table.Like(f, "i", &e.ID, string(entry.State.Escalation))
	table.Like(f, "v", &e.Conversation, string(entry.Conversation))
	table.Like(f, "b", &e.Person, entry.State.Citizen.ID)
	table.Like(f, "m", &e.Company, string(entry.State.Company))
	table.Integer(f, "n", &e.Seq)
	table.Text(f, "c", &e.Case)
	table.Text(f, "o", &e.Office)
	table.Text(f, "a", &e.Advisor)
	table.Instant(f, "t", &e.At)
	table.Text(f, "s", &e.Status)
	table.Integer(f, "k", &e.Step)
	table.Text(f, "p", &e.Protocol)
	table.Instant(f, "d", &e.Due)
	table.Flag(f, "l", &e.Overdue)
	table.Integer(f, "z", &e.Said)
	table.Instant(f, "x", &e.Next)
}
