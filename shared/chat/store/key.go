package store

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
	"infocig/shared/table"
)

func key(partition, sort string) table.Key {
	return table.Key{Partition: partition, Sort: sort}
}

const logPrefix = "log#"

func logPartition(id queue.ConversationID) string  { return logPrefix + string(id) }
func notePartition(id queue.ConversationID) string { return "note#" + string(id) }

func livePartition(n int) string   { return fmt.Sprint("live#", n) }
func outboxPartition(n int) string { return fmt.Sprint("outbox#", n) }

const advisorPartition = "advisor"

// How many partitions the live marks and the outbox are spread over.
const (
	livePartitions   = 8
	outboxPartitions = 4
)

// spread returns the partition, of n, that an item is in.
func spread(id string, n uint32) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return int(h.Sum32() % n)
}

func seqKey(seq int) string { return fmt.Sprintf("%06d", seq) }

func entryKey(id queue.ConversationID, seq int) table.Key { return key(logPartition(id), seqKey(seq)) }
func noteKey(n conversation.Note) table.Key               { return key(notePartition(n.Conversation), n.ID) }

// advisorKey begins with a hash, so that SomeAdvisors can read some of many advisors from any
// place.
func advisorKey(id identity.StaffID) table.Key {
	return key(advisorPartition, hashed(uint16(spread(string(id), 1<<16)))+string(id)) //nolint:gosec // as many
}

func hashed(n uint16) string { return fmt.Sprintf("%04x#", n) }

func liveKey(id queue.HolderID) table.Key {
	return key(livePartition(spread(string(id), livePartitions)), string(id))
}

func outboxKey(id conversation.EscalationID) table.Key {
	return key(outboxPartition(spread(string(id), outboxPartitions)), string(id))
}

// queuePartition returns the partition of a shard. Each shard has its own, because a partition
// takes no more writes than an item does.
func queuePartition(t queue.Topic, shard int) string {
	if shard == 0 {
		return "queue#" + string(t)
	}
	return fmt.Sprintf("queue#%s#%d", t, shard)
}

// The sort keys of a queue, in their order. The gone tickets come last because they may be
// many, and Line reads only the first items.
const (
	counterName    = "line#counter"
	figuresName    = "line#figures"
	returnedPrefix = "returned#"
	gonePrefix     = "vacant#"
)

func counterKey(t queue.Topic, shard int) table.Key {
	return key(queuePartition(t, shard), counterName)
}
func figuresKey(t queue.Topic) table.Key { return key(queuePartition(t, 0), figuresName) }

func goneKey(t queue.Ticket) table.Key {
	return key(queuePartition(t.Topic, t.Shard), gonePrefix+number10(t.N))
}

func returnedKey(topic queue.Topic, t queue.Ticket) table.Key {
	return key(queuePartition(topic, 0), returnedPrefix+number10(t.Order())+"#"+string(t.Conversation()))
}

func number10(n int) string { return fmt.Sprintf("%010d", n) }

// passKey does not contain the pass's id, which is a secret: keys appear in traces and in
// reports of the keys that are read most.
func passKey(id string) table.Key {
	sum := sha256.Sum256([]byte(id))
	return key("pass#"+base64.RawURLEncoding.EncodeToString(sum[:]), "pass")
}

func accessPartition(id queue.ConversationID) string { return "access#" + string(id) }

func accessKey(a Access) table.Key {
	return key(accessPartition(a.Conversation), fmt.Sprintf("%015d#%s", a.At.UnixMilli(), a.ID))
}

func guardPartition(id string) string { return "guard#" + id }

func passesKey(id string, window time.Time) table.Key {
	return key(guardPartition(id), fmt.Sprintf("passes#%012d", window.Unix()))
}

func socketsKey(id string) table.Key { return key(guardPartition(id), "sockets") }

func slipKey(id queue.HolderID) table.Key { return key("slip#"+string(id), "slip") }

func slipCountKey(after time.Time) table.Key {
	return key(fmt.Sprintf("slips#%012d", after.Unix()), "slips")
}

var rulesKey = key("rules", "rules")
