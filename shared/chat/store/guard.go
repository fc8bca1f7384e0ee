package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/table"
)

// guardLife is for how long at least the guard's counts are stored.
const guardLife = 24 * time.Hour

// CountPass implements store.Guard. An attempt that got no answer may have been counted too,
// which does no harm.
func (s *overTable) CountPass(ctx context.Context, id string, window time.Time, pass string, most int) (bool, error) {
	return s.met(ctx, table.Update(passesKey(id, window),
		table.Add("n", 1), table.Include("passes", pass), table.SetTo(table.Expires, table.Int(window.Add(guardLife).Unix())),
	).If(fewerThan("n", most)))
}

// met makes one write, and reports whether its condition was met.
func (s *overTable) met(ctx context.Context, w table.Write) (bool, error) {
	_, err := s.table.Commit(ctx, w)
	if _, refused := errors.AsType[*table.Refused](err); refused {
		return false, nil
	}
	return err == nil, err
}

// PassesOf implements store.Guard.
func (s *overTable) PassesOf(ctx context.Context, id string, window time.Time) (passes []string, err error) {
	it, err := s.table.Get(ctx, passesKey(id, window))
	if errors.Is(err, code.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	err = table.Unpack(it, func(f *table.Fields) { table.Members(f, "passes", &passes) })
	return passes, err
}

// Enter implements store.Guard.
func (s *overTable) Enter(ctx context.Context, id string, c conversation.Connection) ([]conversation.Connection, error) {
	end := time.UnixMilli(c.Epoch).Add(guardLife)
	it, err := s.table.Commit(ctx, table.Update(socketsKey(id),
		table.Include("open", socketOf(c)), table.SetTo(table.Expires, table.Int(end.Unix()))).Returning())
	if err != nil {
		return nil, err
	}
	return socketsOf(it)
}

// Leave implements store.Guard.
func (s *overTable) Leave(ctx context.Context, id string, gone ...conversation.Connection) error {
	if len(gone) == 0 {
		return nil
	}
	all := make([]string, len(gone))
	for i, c := range gone {
		all[i] = socketOf(c)
	}
	_, err := s.met(ctx, table.Update(socketsKey(id), table.Exclude("open", all...)).If(table.Present())) // otherwise the guard has forgotten the sockets
	return err
}

// Sockets implements store.Guard.
func (s *overTable) Sockets(ctx context.Context, id string) ([]conversation.Connection, error) {
	it, err := s.table.Get(ctx, socketsKey(id))
	if errors.Is(err, code.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return socketsOf(it)
}

func socketOf(c conversation.Connection) string { return fmt.Sprintf("%d#%s", c.Epoch, c.ID) }

func socketsOf(it table.Item) (all []conversation.Connection, err error) {
	for _, s := range it.Get("open").Members() {
		epoch, id, _ := strings.Cut(s, "#")
		n, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("socket %q: %w", s, err)
		}
		all = append(all, conversation.Connection{ID: conversation.ConnectionID(id), Epoch: n})
	}
	slices.SortFunc(all, older)
	return all, nil
}

// older orders sockets by age, the oldest first.
func older(a, b conversation.Connection) int {
	return cmp.Or(cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.ID, b.ID))
}

// Accesses implements store.AccessLog.
func (s *overTable) Accesses(ctx context.Context, id queue.ConversationID) ([]Access, error) {
	return documents[Access](ctx, s, accessPartition(id))
}
