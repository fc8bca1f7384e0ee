package office

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"infocig/shared/lineainps"
)

const (
	eventTime  = 5 * time.Second // for one answer
	eventTries = 8
	firstPause = time.Second
)

// announce posts the event of a step until it is answered, for some minutes.
// What is lost the chat finds when it asks.
func (s *Service) announce(id string, number int) {
	times := 1
	if s.fault().Twice {
		times = 2
	}
	for range times {
		s.wg.Go(func() { s.post(lineainps.Event{Escalation: id, Step: number}) })
	}
}

func (s *Service) post(e lineainps.Event) {
	pause := firstPause
	for range eventTries {
		err := s.postOnce(e)
		if err == nil {
			return
		}
		s.config.Log.Info("an event was not taken", "escalation", e.Escalation, "err", err)
		select {
		case <-s.ending:
			return
		case <-time.After(pause):
			pause *= 2
		}
	}
}

func (s *Service) postOnce(e lineainps.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), eventTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.Events, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	s.config.Secret.Sign(req.Header, s.config.Now(), body)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // it is empty
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("answered with status %d", resp.StatusCode)
	}
	return nil
}
