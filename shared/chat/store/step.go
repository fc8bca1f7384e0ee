package store

import (
	"context"
	"errors"
	"fmt"

	"infocig/shared/chat/conversation"
	"infocig/shared/table"
)

// Commit implements store.Committer.
func (s *overTable) Commit(ctx context.Context, step Step) error {
	writes, err := writesOf(step)
	if err != nil {
		return err
	}
	_, err = s.table.Commit(ctx, writes...)
	var refused *table.Refused
	if !errors.As(err, &refused) {
		return err
	}
	n := refused.Index
	if step.Entry != nil {
		if n == 0 {
			e, err := entryOf(step.Entry.Conversation, table.Row{Sort: writes[0].Key.Sort, Item: refused.Item})
			if err != nil {
				return fmt.Errorf("read the entry that has the number: %w", err)
			}
			return &Lost{Entry: e}
		}
		n--
	}
	return &Unmet{Change: step.Changes[n]}
}

// writesOf returns the writes of a step: the entry first, then the changes.
func writesOf(step Step) ([]table.Write, error) {
	all := make([]table.Write, 0, 1+len(step.Changes))
	if e := step.Entry; e != nil {
		it, err := table.Pack(func(f *table.Fields) { entryFields(f, e) })
		if err != nil {
			return nil, err
		}
		all = append(all, table.Put(entryKey(e.Conversation, e.Seq), it).If(table.Absent()))
	}
	for _, c := range step.Changes {
		w, err := writeOf(c)
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

func writeOf(change Change) (table.Write, error) {
	switch c := change.(type) {
	case SetLive:
		return setLive(c)
	case ClearLive:
		return clearLive(c), nil
	case Seen:
		return seen(c), nil
	case TakeSlot:
		return takeSlot(c), nil
	case GiveSlot:
		return giveSlot(c), nil
	case SignIn:
		return signIn(c)
	case Renew:
		return renew(c), nil
	case SignOut:
		return signOut(c), nil
	case SetPresence:
		return setPresence(c), nil
	case DropAdvisor:
		return dropAdvisor(c), nil
	case Return:
		return document(returnedKey(c.Topic, c.Ticket), &c.Ticket)
	case Unreturn:
		return table.Delete(returnedKey(c.Topic, c.Ticket)), nil
	case Gone:
		return gone(c)
	case Passed:
		return table.Delete(goneKey(c.Ticket)), nil
	case Out:
		return putNew(escalation(c.Escalation))
	case SetEscalation:
		w, err := escalation(c.Escalation)
		return w.If(table.Present()), err
	case Sent:
		return sent(c), nil
	case Forget:
		return table.Delete(outboxKey(c.Escalation)), nil
	case AddNote:
		return putNew(document(noteKey(c.Note), &c.Note))
	case AddAccess:
		return putNew(document(accessKey(c.Access), &c.Access))
	case DropEntry:
		return table.Delete(entryKey(c.Conversation, c.Seq)), nil
	case DropNote:
		return table.Delete(noteKey(conversation.Note{Conversation: c.Conversation, ID: c.ID})), nil
	case DropAccess:
		return table.Delete(accessKey(c.Access)), nil
	case Retained:
		return table.Update(counterKey(c.Ticket.Topic, c.Ticket.Shard), table.SetTo("erased", table.Int(c.Ticket.N))), nil
	case SetFigures:
		return document(figuresKey(c.Topic), &c.Figures)
	case SetSlip:
		return setSlip(c)
	case CountSlip:
		return countSlip(c), nil
	case DropSlip:
		return table.Delete(slipKey(c.Slip.Holder)).If(table.Equal("after", table.InstantOf(c.Slip.After))), nil
	case SetDeskRules:
		return setRules(c)
	default:
		return table.Write{}, fmt.Errorf("unknown change %T", change)
	}
}

// put returns the write of an item.
func put(k table.Key, list func(*table.Fields)) (table.Write, error) {
	it, err := table.Pack(list)
	return table.Put(k, it), err
}

// putNew returns the write w on the condition that there is no item with its key.
func putNew(w table.Write, err error) (table.Write, error) { return w.If(table.Absent()), err }

// doc is the attribute of items that are one JSON document.
const doc = "doc"

// document returns the write of an item that is one JSON document.
func document[T any](k table.Key, v *T) (table.Write, error) {
	return put(k, func(f *table.Fields) { table.Document(f, doc, v) })
}

// documentOf returns the value of an item that is one JSON document.
func documentOf[T any](it table.Item) (v T, err error) {
	err = table.Unpack(it, func(f *table.Fields) { table.Document(f, doc, &v) })
	return v, err
}

// documents returns the values of a whole partition of such items, in the order of their sort
// keys.
func documents[T any](ctx context.Context, s *overTable, partition string) (all []T, err error) {
	rows, _, err := s.table.Query(ctx, table.Query{Partition: partition})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		v, err := documentOf[T](r.Item)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}
