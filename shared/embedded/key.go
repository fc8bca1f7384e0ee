package embedded

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"infocig/shared/chat"
)

// under is the prefix of all keys that begin with name.
func under(name string) []byte { return append([]byte(name), 0) }

// numbered appends n so that keys sort by it.
func numbered(prefix []byte, n int) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(prefix), uint64(n)) //nolint:gosec // numbers are never negative
}

func number(key []byte) int {
	return int(binary.BigEndian.Uint64(key[len(key)-8:])) //nolint:gosec // written by numbered
}

func entryKey(id chat.ConversationID, seq int) []byte { return numbered(under(string(id)), seq) }

func returnedKey(topic chat.Topic, t chat.Ticket) []byte {
	return append(numbered(under(string(topic)), t.Order()), t.Conversation()...)
}

// shardName is the topic's where there is one shard.
func shardName(topic chat.Topic, shard int) []byte {
	if shard == 0 {
		return []byte(topic)
	}
	return fmt.Appendf(nil, "%s#%d", topic, shard)
}

func goneKey(t chat.Ticket) []byte { return numbered(under(string(shardName(t.Topic, t.Shard))), t.N) }

func noteKey(n chat.Note) []byte { return append(under(string(n.Conversation)), n.ID...) }

func accessKey(a chat.Access) []byte {
	return append(numbered(under(string(a.Conversation)), int(a.At.UnixMilli())), a.ID...)
}

func socketKey(id string, c chat.Connection) []byte {
	return append(numbered(under(id), int(c.Epoch)), c.ID...)
}

func hasPrefix(key, prefix []byte) bool { return bytes.HasPrefix(key, prefix) }
