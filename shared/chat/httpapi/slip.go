package httpapi

import (
	"errors"
	"net/http"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/code"
	"infocig/shared/http/rest"
	"infocig/shared/text"
)

type slipAnswer struct {
	OpensAt   time.Time `json:"opens_at"`
	NumbersAt time.Time `json:"numbers_at"`
	Text      string    `json:"text"`
}

// slipOf returns what the caller's slip gives, nil if there is none or its day is over.
func (a *API) slipOf(r *http.Request, who conversation.Caller) (*slipAnswer, error) {
	turn, ok, err := a.Desk.TurnOf(r.Context(), who)
	if err != nil || !ok {
		return nil, err
	}
	key := "slip.later"
	if turn.Now {
		key = "slip.now"
	}
	said, err := text.Load(rest.Language(r)).Format(key, text.Args{"opens_at": turn.Opens, "numbers_at": turn.From})
	return &slipAnswer{OpensAt: turn.Opens.UTC(), NumbersAt: turn.From.UTC(), Text: said}, err
}

// reserve gives a citizen a slip for the next opening if the desk is full for today. Otherwise
// the answer says what to do instead.
func (a *API) reserve(w http.ResponseWriter, r *http.Request) error {
	who, _, err := a.actingFor(w, r)
	if err != nil {
		return err
	}
	decision, who, err := a.Desk.Reserve(r.Context(), who)
	switch {
	case errors.Is(err, desk.ErrNoSlips):
		return &rest.Problem{Code: code.Conflict, Title: text.Sentence(rest.Language(r), "slip.none")}
	case err != nil:
		return err
	case decision.State != admission.Full:
		return &rest.Problem{Code: code.Conflict, Title: decision.Answer(rest.Language(r)).Text}
	}
	slip, err := a.slipOf(r, who)
	if err != nil {
		return err
	}
	return rest.Write(w, http.StatusCreated, slip)
}
