package lineainps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/text/unicode/norm"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/escalation"
	"infocig/shared/code"
	"infocig/shared/plain"
)

// A Client asks Linea INPS. It may be used concurrently.
type Client struct {
	URL   string                       // of the service, without a path
	Token func(context.Context) string // our bearer token, which is replaced now and then
	// Open returns the fiscal code of the citizen with that profile.
	Open func(conversation.Profile) (string, error)
	HTTP *http.Client // default: a client that waits AnswerTime
}

var _ escalation.LineaINPS = (*Client)(nil)

// AnswerTime is how long an answer may take. After that nobody knows.
const AnswerTime = 5 * time.Second

var waits = &http.Client{Timeout: AnswerTime}

// CheckToken returns why a value cannot be a bearer token (RFC 6750, section
// 2.1), without the value.
func CheckToken(value string) error {
	const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="
	if value == "" || strings.Trim(value, signs) != "" {
		return errors.New("want a token of letters, digits and -._~+/=")
	}
	return nil
}

// Ask implements escalation.LineaINPS.
func (c *Client) Ask(ctx context.Context, id conversation.EscalationID) (escalation.OfficeAnswer, error) {
	return c.call(ctx, id, http.MethodGet, "/v1/escalations/"+url.PathEscape(string(id)), nil)
}

// Deliver implements escalation.LineaINPS.
func (c *Client) Deliver(ctx context.Context, d escalation.Delivery) (escalation.OfficeAnswer, error) {
	code, err := c.Open(d.Profile)
	if err != nil {
		return escalation.OfficeAnswer{}, fmt.Errorf("fiscal code: %w", err)
	}
	e := d.Escalation
	return c.call(ctx, e.ID, http.MethodPost, "/v1/escalations", Delivery{
		ID: string(e.ID), Case: string(e.Case), Office: string(e.Office), Company: d.Profile.CompanyName,
		Person: Person{FiscalCode: code, Name: d.Profile.Name}, Advisor: d.Advisor, Text: string(d.Text), SentAt: e.At,
	})
}

// maxAnswer is how many bytes an answer may have.
const maxAnswer = 1 << 20

func (c *Client) call(ctx context.Context, id conversation.EscalationID, method, path string, body any) (answer escalation.OfficeAnswer, err error) {
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return answer, err
		}
		sent = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+path, sent)
	if err != nil {
		return answer, err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token(ctx))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(KeyHeader, string(id))
	}
	client := c.HTTP
	if client == nil {
		client = waits
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer, fmt.Errorf("linea inps: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // all that matters has been read
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer, fmt.Errorf("linea inps: %w", err)
	}
	return read(id, method, resp.StatusCode, raw)
}

// codeForm is that of a code in a refusal, which goes to the log.
var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// final reports whether a delivery that is answered so will never be taken: what is
// wrong is in the delivery itself, which does not change. Our token (401, 403), our
// address (404, 405) and the time (408, 425, 429) can be mended.
func final(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusGone, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusUnavailableForLegalReasons:
		return true
	}
	return false
}

// officeText returns what an office wrote as it may be stored. An answer can be had in no
// other words, so what no text may have becomes U+FFFD, what is too long is cut, and what
// nobody sees is "".
func officeText(raw string) conversation.Text {
	for {
		text, _, err := conversation.Written(raw)
		bad, ok := errors.AsType[*conversation.BadText](err)
		switch {
		case !ok:
			return text
		case bad.Reason == plain.Character:
			raw = strings.ReplaceAll(raw, string(bad.Rune), "\uFFFD")
		case bad.Reason == plain.TooLong:
			raw = string([]rune(norm.NFC.String(raw))[:conversation.MaxText])
		default:
			return ""
		}
	}
}

// read turns an answer into what it means.
func read(id conversation.EscalationID, method string, status int, raw []byte) (escalation.OfficeAnswer, error) {
	switch {
	case status == http.StatusNotFound && method == http.MethodGet:
		return escalation.OfficeAnswer{}, code.NotFound
	case method == http.MethodPost && final(status):
		var p Problem
		if err := json.Unmarshal(raw, &p); err != nil || !codeForm.MatchString(p.Code) {
			p.Code = fmt.Sprintf("status_%d", status)
		}
		return escalation.OfficeAnswer{}, &escalation.Refusal{Code: p.Code}
	case status != http.StatusOK && status != http.StatusCreated:
		return escalation.OfficeAnswer{}, fmt.Errorf("linea inps: %s answered with status %d", method, status)
	}
	var e Escalation
	if err := json.Unmarshal(raw, &e, json.RejectUnknownMembers(true)); err != nil {
		return escalation.OfficeAnswer{}, errors.New("linea inps: the answer is not as agreed") // it may hold what people wrote
	}
	return answerOf(id, e)
}

var statuses = map[Status]conversation.EscalationStatus{
	Received: conversation.EscalationDelivered, Taken: conversation.EscalationTaken, Needs: conversation.EscalationNeeds,
	Settled: conversation.EscalationSettled, Rejected: conversation.EscalationRejected,
}

// answerOf checks an answer as far as what follows depends on it.
func answerOf(id conversation.EscalationID, e Escalation) (escalation.OfficeAnswer, error) {
	if e.ID != string(id) || e.Protocol == "" || e.DueAt.IsZero() || len(e.Steps) == 0 || e.Steps[0].Status != Received {
		return escalation.OfficeAnswer{}, errors.New("linea inps: the answer is not whole")
	}
	a := escalation.OfficeAnswer{Protocol: e.Protocol, Due: e.DueAt.UTC().Truncate(time.Millisecond)}
	for i, s := range e.Steps {
		status, known := statuses[s.Status]
		if !known || s.Number != i+1 || i > 0 && s.Status == Received || i < len(e.Steps)-1 && status.Final() {
			return escalation.OfficeAnswer{}, fmt.Errorf("linea inps: step %d is not as agreed", i+1)
		}
		step := escalation.OfficeStep{Number: s.Number, Status: status, At: s.At}
		if s.Text != "" {
			step.Text = officeText(s.Text)
		}
		a.Steps = append(a.Steps, step)
	}
	return a, nil
}
