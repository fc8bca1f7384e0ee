package httpapi

import (
	"io"
	"net/http"

	"infocig/shared/chat/conversation"
	"infocig/shared/code"
	"infocig/shared/http/rest"
	"infocig/shared/lineainps"
)

// Webhook returns the routes of Linea INPS.
func (a *API) Webhook() rest.Routes {
	return rest.Routes{"POST /v1/lineainps/events": a.officeEvent}
}

// officeEvent takes the news that an office has taken a step, and puts the escalation into the
// queue. The consumer of the queue asks Linea INPS what the office has done.
func (a *API) officeEvent(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, rest.MaxBody))
	if err != nil {
		return &rest.Problem{Code: code.Invalid, Detail: "body"}
	}
	e, err := lineainps.Verify(a.Secrets(r.Context()), r.Header, body, a.Now())
	if err != nil {
		return err
	}
	if err := a.Relay.Send(r.Context(), conversation.EscalationID(e.Escalation)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}
