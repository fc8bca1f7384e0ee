package dynamo

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/chat"
)

// A write is what a step does to one item, in the form that a transaction
// takes.
type write struct {
	types.TransactWriteItem
	key    key
	change chat.Change // nil for the entry
	moot   bool        // where its condition is not met there is nothing to do
	token  bool        // only safe to repeat under a transaction's token
}

// Conditions.
const (
	absent  = "attribute_not_exists(#pk)"
	present = "attribute_exists(#pk)"
)

// writes returns what s does to which items, the entry first.
func (s *Store) writes(step chat.Step) ([]write, error) {
	var all []write
	if e := step.Entry; e != nil {
		w, err := s.put(entryKey(e.Conversation, e.Seq), absent, nil, func(f *fields) { entryFields(f, e) })
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	for _, c := range step.Changes {
		w, err := s.write(c)
		if err != nil {
			return nil, err
		}
		w.change = c
		all = append(all, w)
	}
	return all, nil
}

func (s *Store) write(change chat.Change) (write, error) {
	switch c := change.(type) {
	case chat.SetLive:
		return s.setLive(c)
	case chat.ClearLive:
		return s.clearLive(c), nil
	case chat.Seen:
		return s.seen(c), nil
	case chat.TakeSlot:
		return s.takeSlot(c), nil
	case chat.GiveSlot:
		return s.giveSlot(c), nil
	case chat.SignIn:
		return s.signIn(c)
	case chat.Renew:
		return s.renew(c), nil
	case chat.SignOut:
		return s.signOut(c), nil
	case chat.SetPresence:
		return s.setPresence(c), nil
	case chat.Return:
		return s.returned(c)
	case chat.Unreturn:
		return s.unreturn(c), nil
	case chat.Gone:
		return s.gone(c)
	case chat.Passed:
		return s.passed(c), nil
	case chat.Out:
		return s.out(c)
	case chat.SetEscalation:
		return s.setEscalation(c)
	case chat.Sent:
		return s.sent(c), nil
	case chat.DropAdvisor:
		return s.dropAdvisor(c), nil
	case chat.Forget:
		return s.forget(c), nil
	case chat.AddNote:
		return s.addNote(c)
	case chat.AddAccess:
		return s.addAccess(c)
	case chat.DropEntry:
		return s.delete(entryKey(c.Conversation, c.Seq), "", nil), nil
	case chat.DropNote:
		return s.delete(noteKey(chat.Note{Conversation: c.Conversation, ID: c.ID}), "", nil), nil
	case chat.DropAccess:
		return s.delete(accessKey(c.Access), "", nil), nil
	case chat.Retained:
		return s.retained(c), nil
	case chat.SetFigures:
		return s.setFigures(c)
	case chat.SetSlip:
		return s.setSlip(c)
	case chat.CountSlip:
		return s.countSlip(c), nil
	case chat.DropSlip:
		return s.dropSlip(c), nil
	case chat.SetDeskRules:
		return s.setRules(c)
	default:
		return write{}, fmt.Errorf("unknown change %T", change)
	}
}

func (s *Store) put(k key, condition string, values item, list func(*fields)) (write, error) {
	it, err := pack(k, list)
	return write{key: k, TransactWriteItem: types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, Item: it, ConditionExpression: expression(condition),
		ExpressionAttributeNames: names(condition), ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}}, err
}

func (s *Store) update(k key, change, condition string, values item) write {
	return write{key: k, TransactWriteItem: types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: k.item(), UpdateExpression: &change, ConditionExpression: expression(condition),
		ExpressionAttributeNames: names(change, condition), ExpressionAttributeValues: values,
	}}}
}

func (s *Store) delete(k key, condition string, values item) write {
	return write{key: k, TransactWriteItem: types.TransactWriteItem{Delete: &types.Delete{
		TableName: &s.table, Key: k.item(), ConditionExpression: expression(condition),
		ExpressionAttributeNames: names(condition), ExpressionAttributeValues: values,
	}}}
}

var placeholder = regexp.MustCompile(`#\w+`)

// names says what the placeholders in expressions stand for: #x for attribute
// x, so that no attribute can be a reserved word.
func names(expressions ...string) map[string]string {
	var all map[string]string
	for _, e := range expressions {
		for _, p := range placeholder.FindAllString(e, -1) {
			if all == nil {
				all = map[string]string{}
			}
			all[p] = p[1:]
		}
	}
	return all
}
