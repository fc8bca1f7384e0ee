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
	Erased int `json:"erased,omitempty"`
}

func (s *Store) count(topic chat.Topic, shard int, next func(*counter) error) error {
	return s.db.Update(func(tx *bolt.Tx) error { return count(tx, topic, shard, next) })
}

func count(tx *bolt.Tx, topic chat.Topic, shard int, next func(*counter) error) error {
	key := shardName(topic, shard)
	c, err := get[counter](tx, counterBucket, key)
	if err != nil && !errors.Is(err, chat.NotFound) {
		return err
	}
	if err := next(&c); err != nil {
		return err
	}
	return put(tx, counterBucket, key, c)
}

// Take implements chat.Queue.
func (s *Store) Take(_ context.Context, topic chat.Topic, shard int) (t chat.Ticket, called int, err error) {
	err = s.count(topic, shard, func(c *counter) error {
		c.Taken++
		t, called = chat.Ticket{Topic: topic, Shard: shard, N: c.Taken}, c.Called
		return nil
	})
	return t, called, err
}

// Call implements chat.Queue.
func (s *Store) Call(_ context.Context, topic chat.Topic, shard, from, n int) (left int, err error) {
	err = s.count(topic, shard, func(c *counter) error {
		if c.Called != from || c.Taken < from+n {
			return chat.Conflict
		}
		c.Called += n
		left = c.Taken - c.Called
		return nil
	})
	return left, err
}

// Line implements chat.Queue.
func (s *Store) Line(_ context.Context, topic chat.Topic, shards int) (l chat.Line, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		for i := range shards {
			shard, err := shardOf(tx, topic, i)
			if err != nil {
				return err
			}
			l.Shards = append(l.Shards, shard)
		}
		if l.Figures, err = get[chat.Figures](tx, figuresBucket, []byte(topic)); err != nil && !errors.Is(err, chat.NotFound) {
			return err
		}
		prefix := under(string(topic))
		return each(tx, returnedBucket, prefix, prefix, func(_ []byte, t chat.Ticket) (bool, error) {
			l.Returned = append(l.Returned, t)
			return true, nil
		})
	})
	return l, err
}

// Glance implements chat.Queue.
func (s *Store) Glance(ctx context.Context, topic chat.Topic, shards int) (chat.Line, error) {
	return s.Line(ctx, topic, shards)
}

func shardOf(tx *bolt.Tx, topic chat.Topic, i int) (chat.Shard, error) {
	c, err := get[counter](tx, counterBucket, shardName(topic, i))
	if err != nil && !errors.Is(err, chat.NotFound) {
		return chat.Shard{}, err
	}
	shard := chat.Shard{Taken: c.Taken, Called: c.Called, Erased: c.Erased}
	prefix := under(string(shardName(topic, i)))
	err = each(tx, goneBucket, prefix, prefix, func(k []byte, _ struct{}) (bool, error) {
		if shard.More = len(shard.Gone) == chat.MaxGone; shard.More {
			return false, nil
		}
		shard.Gone = append(shard.Gone, number(k))
		return true, nil
	})
	return shard, err
}
