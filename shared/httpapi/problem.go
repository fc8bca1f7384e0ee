package httpapi

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"infocig/shared/admission"
	"infocig/shared/chat"
	"infocig/shared/portal"
	"infocig/shared/text"
)

// A problem is an error on the wire: application/problem+json, RFC 9457.
type problem struct {
	Type      string    `json:"type"` // about:blank: the code tells
	Title     string    `json:"title"`
	Status    int       `json:"status"`
	Code      chat.Code `json:"code"`
	Param     string    `json:"param,omitzero"`     // the parameter that is wrong
	Reason    string    `json:"reason,omitzero"`    // what is wrong with it, or why the person is not let in
	Detail    string    `json:"detail,omitzero"`    // a sentence for developers
	Character string    `json:"character,omitzero"` // one that no text may have, such as U+0007
	Instance  string    `json:"instance,omitzero"`  // id of the request, to tell support

	after time.Duration // with throttled and unavailable: the Retry-After header
}

func (p *problem) Error() string { return string(p.Code) + " " + p.Param + p.Detail }

// unauthorized is on the wire only: no token that is good.
const unauthorized chat.Code = "unauthorized"

var statuses = map[chat.Code]int{
	chat.Invalid:     http.StatusBadRequest,
	unauthorized:     http.StatusUnauthorized,
	chat.Forbidden:   http.StatusForbidden,
	chat.NotFound:    http.StatusNotFound,
	chat.Conflict:    http.StatusConflict,
	chat.Closed:      http.StatusConflict,
	chat.Superseded:  http.StatusConflict,
	chat.Throttled:   http.StatusTooManyRequests,
	chat.Unavailable: http.StatusServiceUnavailable,
	chat.Internal:    http.StatusInternalServerError,
}

// detailed is err for staff, who are told what is wrong with what they gave.
func detailed(err error) error {
	if errors.Is(err, chat.Invalid) {
		p := &problem{Code: chat.Invalid, Detail: err.Error()}
		if bad, ok := errors.AsType[*chat.BadText](err); ok {
			p.Character = bad.Character()
		}
		return p
	}
	return err
}

// usualPause is after how long a client asks again for what is not available and
// says nothing of itself.
const usualPause = 5 * time.Second

func problemOf(err error, language string) *problem {
	p := &problem{Code: chat.Internal}
	var param *admission.ParamError
	var refused *portal.Refused
	var code chat.Code
	switch {
	case errors.As(err, &p):
	case errors.As(err, &param):
		p = &problem{Code: chat.Invalid, Param: param.Param, Reason: string(param.Reason)}
	case errors.As(err, &refused):
		said := text.Sentence(language, "person."+string(refused.Reason)) + " " + text.Sentence(language, "other.channels")
		p = &problem{Code: chat.Forbidden, Reason: string(refused.Reason), Title: said}
	case errors.Is(err, portal.ErrToken):
		p = &problem{Code: unauthorized}
	case errors.As(err, &code):
		p = &problem{Code: code}
	default:
		p = &problem{Code: chat.Internal}
	}
	var fast *chat.TooFast
	if errors.As(err, &fast) {
		p.after = fast.After
	}
	if down, ok := errors.AsType[*portal.Unreachable](err); ok {
		p.after = down.After
	}
	if p.Code == chat.Unavailable && p.after == 0 {
		p.after = usualPause
	}
	p.Type, p.Status = "about:blank", statuses[p.Code]
	if p.Title == "" {
		p.Title = text.Sentence(language, "error."+string(p.Code))
	}
	if p.Param != "" {
		p.Detail = text.Sentence(language, "param."+p.Reason)
	}
	return p
}

func (p *problem) write(w http.ResponseWriter) {
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
