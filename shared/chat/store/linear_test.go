package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// A storm is a network that by chance refuses writes, loses them before they arrive, or loses
// their answers.
type storm struct {
	mu  sync.Mutex
	rng *rand.Rand
}

// RoundTrip implements http.RoundTripper.
func (s *storm) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	serve := func() (*http.Response, error) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		return http.DefaultTransport.RoundTrip(again)
	}
	s.mu.Lock()
	n := s.rng.IntN(10)
	s.mu.Unlock()
	c := call{op: op, body: body, done: r.Context().Done()}
	switch {
	case !slices.Contains(writes, op) || n > 2:
		return serve()
	case n == 0:
		return lose(c, serve)
	case n == 1:
		return drop(c, serve)
	}
	return refuse(http.StatusBadRequest, "ProvisionedThroughputExceededException")(c, serve)
}

// The calls of a log and their answers.
type (
	asked struct {
		id     queue.ConversationID
		commit bool // false for Tail
		seq    int
		text   conversation.Text
	}
	answered struct {
		unknown bool // it is not known whether the commit took effect
		won     bool // the entry is stored; otherwise the fields below are of the entry that has its number
		seq     int  // of the tail, or of the winner
		text    conversation.Text
	}
	// texts is the model of a log: its texts, in order.
	texts string
)

func (l texts) all() []string {
	if l == "" {
		return nil
	}
	return strings.Split(string(l), "\n")
}

// logModel is what store.Log and store.Committer promise of one conversation.
var logModel = porcupine.NondeterministicModel{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byID := map[queue.ConversationID][]porcupine.Operation{}
		for _, op := range history {
			id := op.Input.(asked).id
			byID[id] = append(byID[id], op)
		}
		var parts [][]porcupine.Operation
		for _, part := range byID {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() []any { return []any{texts("")} },
	Step: func(state, input, output any) []any {
		log, in, out := state.(texts), input.(asked), output.(answered)
		all := log.all()
		stored := texts(strings.TrimPrefix(string(log)+"\n"+string(in.text), "\n"))
		switch {
		case !in.commit:
			if len(all) == out.seq && (out.seq == 0 || all[out.seq-1] == string(out.text)) {
				return []any{log}
			}
		case out.unknown && in.seq == len(all)+1:
			return []any{log, stored}
		case out.unknown:
			return []any{log}
		case out.won && in.seq == len(all)+1:
			return []any{stored}
		case !out.won && in.seq <= len(all) && all[in.seq-1] == string(out.text):
			return []any{log}
		}
		return nil
	},
}

// TestAppendsAreLinearizable has many callers append to few conversations over a network that
// loses requests and answers, and checks the history (I-4).
func TestAppendsAreLinearizable(t *testing.T) {
	const conversations, writers, each = 4, 8, 25
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	kept := open(t, &storm{rng: rand.New(rand.NewPCG(seed, 0))})
	began := time.Now()
	var mu sync.Mutex
	var history []porcupine.Operation
	var unknown, lost, won atomic.Int32
	record := func(client int, in asked, from time.Time, out answered) {
		end := time.Since(began).Nanoseconds()
		if out.unknown {
			end = 1 << 60 // it may still happen
		}
		mu.Lock()
		defer mu.Unlock()
		history = append(history, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: from.Sub(began).Nanoseconds(), Return: end})
	}
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for n := range each {
				id := queue.ConversationID(fmt.Sprint("worker_case.0.", 1+(w+n)%conversations))
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				from := time.Now()
				tail, err := kept.Tail(ctx, id)
				if err != nil && !errors.Is(err, code.NotFound) {
					t.Error(err)
				}
				record(w, asked{id: id}, from, answered{seq: tail.Seq, text: tail.Text})
				in := asked{id: id, commit: true, seq: tail.Seq + 1, text: conversation.Text(fmt.Sprint(w, ".", n))}
				from = time.Now()
				err = kept.Commit(ctx, store.Step{Entry: &conversation.Entry{Conversation: id, Seq: in.seq, Kind: conversation.KindMessage, At: began.UTC().Truncate(time.Millisecond), By: identity.SideCitizen, Text: in.text}})
				var other *store.Lost
				switch {
				case err == nil:
					won.Add(1)
					record(w, in, from, answered{won: true})
				case errors.As(err, &other):
					lost.Add(1)
					record(w, in, from, answered{seq: other.Entry.Seq, text: other.Entry.Text})
				default:
					unknown.Add(1)
					record(w, in, from, answered{unknown: true})
				}
				cancel()
			}
		})
	}
	wait.Wait()
	t.Logf("%d appended, %d lost the race, of %d nobody knows", won.Load(), lost.Load(), unknown.Load())
	if lost.Load() == 0 || won.Load() == 0 {
		t.Error("nobody raced")
	}
	if result := porcupine.CheckOperationsTimeout(logModel.ToModel(), history, time.Minute); result != porcupine.Ok {
		t.Errorf("the history is not linearizable: %s", result)
	}
}
