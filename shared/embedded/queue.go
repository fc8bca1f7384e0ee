package embedded

import (
	"context"
	"errors"

	bolt "go.etcd.io/bbolt"

	"infocig/shared/chat"
)

type counter struct {
	Taken  int `json:"taken"`
	Called int `json:"called"`
}

func (s *Store) count(topic chat.Topic, next func(*counter) error) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		c, err := get[counter](tx, counterBucket, []byte(topic))
		if err != nil && !errors.Is(err, chat.NotFound) {
			return err
		}
		if err := next(&c); err != nil {
			return err
		}
		return put(tx, counterBucket, []byte(topic), c)
	})
}

// Take implements chat.Queue.
func (s *Store) Take(_ context.Context, topic chat.Topic) (t chat.Ticket, called int, err error) {
	err = s.count(topic, func(c *counter) error {
		c.Taken++
		t, called = chat.Ticket{Topic: topic, N: c.Taken}, c.Called
		return nil
	})
	return t, called, err
}

// Call implements chat.Queue.
func (s *Store) Call(_ context.Context, topic chat.Topic) (t chat.Ticket, left int, err error) {
	err = s.count(topic, func(c *counter) error {
		if c.Called == c.Taken {
			return chat.NotFound
		}
		c.Called++
		t, left = chat.Ticket{Topic: topic, N: c.Called}, c.Taken-c.Called
		return nil
	})
	return t, left, err
}

// Line implements chat.Queue.
func (s *Store) Line(_ context.Context, topic chat.Topic) (l chat.Line, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		c, err := get[counter](tx, counterBucket, []byte(topic))
		if err != nil && !errors.Is(err, chat.NotFound) {
			return err
		}
		l.Taken, l.Called = c.Taken, c.Called
		if l.Figures, err = get[chat.Figures](tx, figuresBucket, []byte(topic)); err != nil && !errors.Is(err, chat.NotFound) {
			return err
		}
		prefix := under(string(topic))
		err = each(tx, goneBucket, prefix, numbered(prefix, l.Called+1), func(k []byte, _ struct{}) (bool, error) {
			l.Gone = append(l.Gone, number(k))
			return true, nil
		})
		if err != nil {
			return err
		}
		return each(tx, returnedBucket, prefix, prefix, func(_ []byte, t chat.Ticket) (bool, error) {
			l.Returned = append(l.Returned, t)
			return true, nil
		})
	})
	return l, err
}
