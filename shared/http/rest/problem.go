package rest

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"infocig/shared/code"
	"infocig/shared/http/portal"
	"infocig/shared/text"
)

// A Problem is an error on the wire: application/problem+json, RFC 9457.
type Problem struct {
	Type      string    `json:"type"` // about:blank, since the code says it
	Title     string    `json:"title"`
	Status    int       `json:"status"`
	Code      code.Code `json:"code"`
	Param     string    `json:"param,omitzero"`     // the parameter that is wrong
	Reason    string    `json:"reason,omitzero"`    // what is wrong with it, or why the person is not let in
	Detail    string    `json:"detail,omitzero"`    // a sentence for developers
	Character string    `json:"character,omitzero"` // the character that no text may have, such as U+0007
	Instance  string    `json:"instance,omitzero"`  // id of the request, for support

	after time.Duration // with throttled and unavailable: the Retry-After header
}

func (p *Problem) Error() string { return string(p.Code) + " " + p.Param + p.Detail }

// unauthorized says that the request has no valid token. It exists on the wire only.
const unauthorized code.Code = "unauthorized"

// Statuses are those of HTTP, by code: wire documents list them.
var Statuses = map[code.Code]int{
	code.Invalid:     http.StatusBadRequest,
	unauthorized:     http.StatusUnauthorized,
	code.Forbidden:   http.StatusForbidden,
	code.NotFound:    http.StatusNotFound,
	code.Conflict:    http.StatusConflict,
	code.Closed:      http.StatusConflict,
	code.Superseded:  http.StatusConflict,
	code.Throttled:   http.StatusTooManyRequests,
	code.Unavailable: http.StatusServiceUnavailable,
	code.Internal:    http.StatusInternalServerError,
}

// usualPause is the Retry-After of an error code.Unavailable that does not say when to try
// again.
const usualPause = 5 * time.Second

// ProblemOf returns what err is on the wire, in the language of the client.
func ProblemOf(err error, language string) *Problem {
	p := &Problem{Code: code.Internal}
	var refused *portal.Refused
	var known code.Code
	switch {
	case errors.As(err, &p):
	case errors.As(err, &refused):
		said := text.Sentence(language, "person."+string(refused.Reason)) + " " + text.Sentence(language, "other.channels")
		p = &Problem{Code: code.Forbidden, Reason: string(refused.Reason), Title: said}
	case errors.Is(err, portal.ErrToken):
		p = &Problem{Code: unauthorized}
	case errors.As(err, &known):
		p = &Problem{Code: known}
	default:
		p = &Problem{Code: code.Internal}
	}
	var fast *code.TooFast
	if errors.As(err, &fast) {
		p.after = fast.After
	}
	if down, ok := errors.AsType[*portal.Unreachable](err); ok {
		p.after = down.After
	}
	if p.Code == code.Unavailable && p.after == 0 {
		p.after = usualPause
	}
	p.Type, p.Status = "about:blank", Statuses[p.Code]
	if p.Title == "" {
		p.Title = text.Sentence(language, "error."+string(p.Code))
	}
	if p.Param != "" {
		p.Detail = text.Sentence(language, "param."+p.Reason)
	}
	return p
}

// Write answers with the problem.
func (p *Problem) Write(w http.ResponseWriter) {
	body, err := json.Marshal(p)
	if err != nil {
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	if p.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.after.Seconds()))))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}
