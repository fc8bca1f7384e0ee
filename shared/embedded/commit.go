package embedded

import (
	"context"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"infocig/shared/chat"
)

// Commit implements chat.Committer.
func (s *Store) Commit(_ context.Context, step chat.Step) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		if e := step.Entry; e != nil {
			key := entryKey(e.Conversation, e.Seq)
			stored, err := get[chat.Entry](tx, logBucket, key)
			if err == nil {
				return &chat.Lost{Entry: stored}
			}
			if !errors.Is(err, chat.NotFound) {
				return err
			}
			if err := put(tx, logBucket, key, e); err != nil {
				return err
			}
		}
		for _, c := range step.Changes {
			if err := apply(tx, c); err != nil {
				return err // rolls everything back
			}
		}
		return nil
	})
}

// apply makes one change, or returns *chat.Unmet.
func apply(tx *bolt.Tx, change chat.Change) error {
	switch c := change.(type) {
	case chat.SetLive:
		_, err := get[chat.Live](tx, liveBucket, []byte(c.Holder))
		if err == nil {
			return &chat.Unmet{Change: c}
		}
		if !errors.Is(err, chat.NotFound) {
			return err
		}
		return put(tx, liveBucket, []byte(c.Holder), chat.Live(c))
	case chat.ClearLive:
		l, err := get[chat.Live](tx, liveBucket, []byte(c.Holder))
		if errors.Is(err, chat.NotFound) || err == nil && l.Conversation != c.Conversation {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.Bucket(liveBucket).Delete([]byte(c.Holder))
	case chat.Seen:
		l, err := get[chat.Live](tx, liveBucket, []byte(c.Holder))
		if errors.Is(err, chat.NotFound) || err == nil && l.Conversation != c.Conversation {
			return &chat.Unmet{Change: c}
		}
		if err != nil {
			return err
		}
		l.Seen = c.At
		return put(tx, liveBucket, []byte(c.Holder), l)
	case chat.TakeSlot, chat.GiveSlot, chat.SignIn, chat.Renew, chat.SignOut, chat.SetPresence:
		return changeAdvisor(tx, c)
	case chat.DropAdvisor:
		a, err := get[chat.Advisor](tx, advisorBucket, []byte(c.Advisor))
		switch {
		case errors.Is(err, chat.NotFound):
			return nil
		case err != nil:
			return err
		case len(a.Open) > 0 || !a.Lease.Before(c.Before):
			return &chat.Unmet{Change: c}
		}
		return tx.Bucket(advisorBucket).Delete([]byte(c.Advisor))
	case chat.Return:
		return put(tx, returnedBucket, returnedKey(c.Topic, c.Ticket), c.Ticket)
	case chat.Unreturn:
		return tx.Bucket(returnedBucket).Delete(returnedKey(c.Topic, c.Ticket))
	case chat.Gone:
		return put(tx, goneBucket, goneKey(c.Ticket), struct{}{})
	case chat.Passed:
		return tx.Bucket(goneBucket).Delete(goneKey(c.Ticket))
	case chat.Out:
		return putNew(tx, escalationBucket, []byte(c.Escalation.ID), c.Escalation, c)
	case chat.SetEscalation:
		return changeEscalation(tx, c.Escalation.ID, c, func(e *chat.Escalation) bool {
			*e = c.Escalation
			return true
		})
	case chat.Sent:
		return changeEscalation(tx, c.Escalation, c, func(e *chat.Escalation) bool {
			was := e.Status
			e.Status, e.Next = c.Is, c.Next
			return was == c.Was
		})
	case chat.Forget:
		return tx.Bucket(escalationBucket).Delete([]byte(c.Escalation))
	case chat.AddNote:
		return putNew(tx, noteBucket, noteKey(c.Note), c.Note, c)
	case chat.AddAccess:
		return putNew(tx, accessBucket, accessKey(c.Access), c.Access, c)
	case chat.DropEntry:
		return tx.Bucket(logBucket).Delete(entryKey(c.Conversation, c.Seq))
	case chat.DropNote:
		return tx.Bucket(noteBucket).Delete(noteKey(chat.Note{Conversation: c.Conversation, ID: c.ID}))
	case chat.DropAccess:
		return tx.Bucket(accessBucket).Delete(accessKey(c.Access))
	case chat.Retained:
		return count(tx, c.Ticket.Topic, c.Ticket.Shard, func(k *counter) error {
			k.Erased = c.Ticket.N
			return nil
		})
	case chat.SetFigures:
		return put(tx, figuresBucket, []byte(c.Topic), c.Figures)
	case chat.SetSlip, chat.CountSlip, chat.DropSlip:
		return changeSlip(tx, c)
	case chat.SetDeskRules:
		r, err := get[chat.DeskRules](tx, rulesBucket, rulesKey)
		if err != nil && !errors.Is(err, chat.NotFound) {
			return err
		}
		if r.Rev != c.Rules.Rev-1 {
			return &chat.Unmet{Change: c}
		}
		return put(tx, rulesBucket, rulesKey, c.Rules)
	default:
		return fmt.Errorf("unknown change %T", change)
	}
}

// changeEscalation makes a change of an escalation that is there, if set reports
// that its condition is met.
func changeEscalation(tx *bolt.Tx, id chat.EscalationID, c chat.Change, set func(*chat.Escalation) bool) error {
	e, err := get[chat.Escalation](tx, escalationBucket, []byte(id))
	if errors.Is(err, chat.NotFound) || err == nil && !set(&e) {
		return &chat.Unmet{Change: c}
	}
	if err != nil {
		return err
	}
	return put(tx, escalationBucket, []byte(id), e)
}

// putNew stores v unless the key is taken.
func putNew(tx *bolt.Tx, bucket, key []byte, v any, c chat.Change) error {
	if tx.Bucket(bucket).Get(key) != nil {
		return &chat.Unmet{Change: c}
	}
	return put(tx, bucket, key, v)
}

// changeAdvisor makes a change of an advisor's record.
func changeAdvisor(tx *bolt.Tx, change chat.Change) error {
	var id chat.AdvisorID
	met := true
	var set func(a *chat.Advisor)
	switch c := change.(type) {
	case chat.TakeSlot:
		id, set = c.Advisor, func(a *chat.Advisor) {
			met = a.Epoch == c.Epoch && a.Connection != "" && a.Presence == chat.Available && a.Lease.After(c.At) && len(a.Open) < a.Capacity
			a.Open = append(a.Open, c.Conversation)
			a.AssignedAt = c.At
		}
	case chat.GiveSlot:
		id, set = c.Advisor, func(a *chat.Advisor) {
			a.Open = slices.DeleteFunc(a.Open, func(o chat.ConversationID) bool { return o == c.Conversation })
			if c.Pause {
				a.Presence = chat.Paused
			}
		}
	case chat.SignIn:
		id, set = c.Advisor, func(a *chat.Advisor) {
			met = a.Epoch <= c.Epoch
			if a.ID == "" {
				a.ID, a.Capacity, a.Presence = c.Advisor, chat.DefaultCapacity, chat.Paused
			}
			a.Name, a.Topics, a.Person, a.Connection, a.Epoch, a.Lease = c.Name, c.Topics, c.Person, c.Connection, c.Epoch, c.Lease
		}
	case chat.Renew:
		id, set = c.Advisor, func(a *chat.Advisor) {
			met = a.Epoch == c.Epoch && (c.Present.IsZero() || a.There(c.Present)) && (!c.Extend || a.Lease.Before(c.Lease))
			a.Lease, a.Connection = c.Lease, c.Connection
		}
	case chat.SignOut:
		id, set = c.Advisor, func(a *chat.Advisor) {
			met = a.Epoch == c.Epoch
			a.Lease, a.Connection = c.Lease, ""
			if c.Pause {
				a.Presence = chat.Paused
			}
		}
	case chat.SetPresence:
		id, set = c.Advisor, func(a *chat.Advisor) {
			met = a.Epoch == c.Epoch
			a.Presence, a.Capacity = c.Presence, c.Capacity
		}
	}
	a, err := get[chat.Advisor](tx, advisorBucket, []byte(id))
	if err != nil && !errors.Is(err, chat.NotFound) {
		return err
	}
	if a.ID == "" {
		switch change.(type) {
		case chat.SignIn: // the first time
		case chat.GiveSlot:
			return nil
		default:
			return &chat.Unmet{Change: change}
		}
	}
	set(&a)
	if !met {
		return &chat.Unmet{Change: change}
	}
	return put(tx, advisorBucket, []byte(id), a)
}
