package main

import (
	"context"
	"fmt"
	"sync"
)

// A citizen joins, writes, and counts what arrives.
type citizen struct {
	s        *service
	socket   *socket
	messages int
	ended    chan struct{}

	mu      sync.Mutex
	talk    string
	started bool
	seen    map[string]int // texts of the advisor, by how often with another number
	seqs    map[int]bool
}

func newCitizen(ctx context.Context, s *service, n, messages int) (*citizen, error) {
	c := &citizen{s: s, messages: messages, ended: make(chan struct{}), seen: map[string]int{}, seqs: map[int]bool{}}
	claims := map[string]any{"sub": fmt.Sprint("load-c", n), "fiscal_number": "TINIT-" + code(n)}
	var err error
	if c.socket, err = s.open(ctx, "myinps", "worker-rm", "/v1/tickets", claims, func(f frame) { c.pushed(ctx, f) }); err != nil {
		return nil, err
	}
	_, err = c.socket.ask(ctx, map[string]any{"action": "hello"})
	return c, err
}

func (c *citizen) join(ctx context.Context) error {
	f, err := c.socket.ask(ctx, map[string]any{"action": "join", "topic": "worker_case", "question": "A che punto è?"})
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.talk = f.Snapshot.Conversation
	c.mu.Unlock()
	go c.socket.beat(ctx, c.ended, func() map[string]any {
		return map[string]any{"action": "ping", "conversation": f.Snapshot.Conversation}
	})
	return nil
}

// pushed notes what the advisor says, and begins to write when he is there.
func (c *citizen) pushed(ctx context.Context, f frame) {
	if f.Item == nil {
		return
	}
	c.note(*f.Item, &c.s.count.pushed)
	c.mu.Lock()
	begin := f.Item.Kind == "accepted" && !c.started
	c.started = c.started || begin
	c.mu.Unlock()
	if begin {
		go c.write(ctx, f.Conversation)
	}
	if f.Item.Kind == "closed" {
		close(c.ended)
	}
}

// note counts an item once, and finds a message that is stored twice.
func (c *citizen) note(it item, by interface{ Add(int64) int64 }) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seqs[it.Seq] || it.Kind != "message" || it.By != "advisor" {
		return
	}
	c.seqs[it.Seq] = true
	by.Add(1)
	if c.seen[it.Text]++; c.seen[it.Text] > 1 {
		c.s.count.doubled.Add(1)
	}
}

func (c *citizen) write(ctx context.Context, talk string) {
	for n := 1; n <= c.messages; n++ {
		if _, err := c.socket.ask(ctx, map[string]any{"action": "send", "conversation": talk, "number": n, "text": fmt.Sprint("domanda ", n)}); err != nil {
			return // the run ends by its limit
		}
		c.s.count.acknowledged.Add(1)
	}
}

// check reads the conversation again: everything must be in it, once.
func (c *citizen) check(ctx context.Context) error {
	mine := map[string]int{}
	for since, more := 0, true; more; {
		f, err := c.socket.ask(ctx, map[string]any{"action": "hello", "conversation": c.talk, "since": since})
		if err != nil {
			return err
		}
		for _, it := range f.Snapshot.Entries {
			since = it.Seq
			c.note(it, &c.s.count.resumed)
			if it.Kind == "message" && it.By == "citizen" {
				mine[it.Text]++
			}
		}
		more = f.Snapshot.More
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for n := 1; n <= c.messages; n++ {
		for text, times := range map[string]int{fmt.Sprint("domanda ", n): mine[fmt.Sprint("domanda ", n)], fmt.Sprint("risposta ", n): c.seen[fmt.Sprint("risposta ", n)]} {
			switch {
			case times == 0:
				c.s.count.lost.Add(1)
			case times > 1 && text[0] == 'd':
				c.s.count.doubled.Add(1)
			}
		}
	}
	return nil
}

// An advisor takes what is offered, answers, and closes when all is said.
type advisor struct {
	s        *service
	socket   *socket
	messages int

	mu    sync.Mutex
	heard map[string]map[int]bool // numbers of the citizen's messages, by conversation
	said  map[string]bool         // all of the own
}

func newAdvisor(ctx context.Context, s *service, n, messages int) (*advisor, error) {
	a := &advisor{s: s, messages: messages, heard: map[string]map[int]bool{}, said: map[string]bool{}}
	claims := map[string]any{"sub": fmt.Sprint("load-a", n)}
	var err error
	if a.socket, err = s.open(ctx, "institute", "advisor-1", "/v1/advisor/tickets", claims, func(f frame) { a.pushed(ctx, f) }); err != nil {
		return nil, err
	}
	_, err = a.socket.ask(ctx, map[string]any{"action": "hello"})
	go a.socket.beat(ctx, nil, func() map[string]any { return map[string]any{"action": "ping"} })
	return a, err
}

func (a *advisor) available(ctx context.Context) error {
	_, err := a.socket.ask(ctx, map[string]any{"action": "presence", "state": "available", "capacity": open})
	return err
}

func (a *advisor) pushed(ctx context.Context, f frame) {
	switch {
	case f.Event == "offered":
		go a.serve(ctx, f.Conversation)
	case f.Item != nil && f.Item.Kind == "message" && f.Item.By == "citizen":
		a.mu.Lock()
		if a.heard[f.Conversation] == nil {
			a.heard[f.Conversation] = map[int]bool{}
		}
		a.heard[f.Conversation][f.Item.Number] = true
		a.mu.Unlock()
		a.s.count.pushed.Add(1)
		a.closeIfDone(ctx, f.Conversation)
	}
}

func (a *advisor) serve(ctx context.Context, talk string) {
	if _, err := a.socket.ask(ctx, map[string]any{"action": "accept", "conversation": talk}); err != nil {
		return // it was taken back
	}
	for n := 1; n <= a.messages; n++ {
		if _, err := a.socket.ask(ctx, map[string]any{"action": "send", "conversation": talk, "number": n, "text": fmt.Sprint("risposta ", n)}); err != nil {
			return
		}
		a.s.count.acknowledged.Add(1)
	}
	a.mu.Lock()
	a.said[talk] = true
	a.mu.Unlock()
	a.closeIfDone(ctx, talk)
}

// closeIfDone closes a conversation in which both have said everything.
func (a *advisor) closeIfDone(ctx context.Context, talk string) {
	a.mu.Lock()
	done := a.said[talk] && len(a.heard[talk]) == a.messages
	if done {
		delete(a.said, talk) // once
	}
	a.mu.Unlock()
	if done {
		go func() {
			_, _ = a.socket.ask(ctx, map[string]any{"action": "close", "conversation": talk, "outcome": "settled"}) // the citizen waits for it, until the limit
		}()
	}
}
