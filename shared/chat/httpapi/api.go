package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	escalations "infocig/shared/chat/escalation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
	"infocig/shared/fiscal"
	"infocig/shared/http/portal"
	"infocig/shared/http/rest"
	"infocig/shared/identity"
	"infocig/shared/lineainps"
)

// An API answers requests. Each of its sets of routes is one function.
type API struct {
	Desk        *desk.Desk
	Escalations *escalations.Service
	Upkeep      *upkeep.Service
	Relay       escalations.Relay // for the function that receives the events of Linea INPS, which has no desk
	Now         func() time.Time
	Cases       *cases.Book
	Verifier    *portal.Verifier
	Pseudonym   identity.Pseudonym
	Sealer      fiscal.Sealer                            // encrypts fiscal codes
	Secrets     func(context.Context) []lineainps.Secret // the secrets that sign the events of Linea INPS; they are replaced now and then
	Socket      string                                   // address of the WebSocket API: wss://…
	Log         *slog.Logger

	glances glances
}

// claims returns the claims of the request's bearer token.
func (a *API) claims(r *http.Request) (portal.Claims, error) {
	return a.Verifier.Verify(r.Context(), portal.Bearer(r.Header.Get("Authorization")))
}

// recognised returns the citizen who asks, acting for the company with that id. If the login
// or the role does not let the citizen in, the error has the decision's sentence.
func (a *API) recognised(r *http.Request, company string) (conversation.Caller, error) {
	c, err := a.claims(r)
	if err != nil {
		return conversation.Caller{}, err
	}
	who, err := a.identity(r, c, company)
	if err != nil {
		return who, err
	}
	return who, a.recognise(r, admission.Request{Login: who.Login, Audience: who.Audience, Role: who.Role})
}

func (a *API) recognise(r *http.Request, req admission.Request) error {
	policy, err := a.Desk.Policy(r.Context())
	if err != nil {
		return err
	}
	if d := policy.Recognise(req); !d.Admitted() {
		return &rest.Problem{Code: code.Forbidden, Title: d.Answer(rest.Language(r)).Text, Reason: string(d.Reason)}
	}
	return nil
}

// person returns the citizen who asks, for no company in particular.
func (a *API) person(r *http.Request) (conversation.Caller, error) {
	c, err := a.claims(r)
	if err != nil {
		return conversation.Caller{}, err
	}
	who, err := c.Person(a.Pseudonym)
	return conversation.Caller{Identity: who}, err
}

// identity returns the citizen with the claims, acting for the company.
func (a *API) identity(r *http.Request, c portal.Claims, company string) (conversation.Caller, error) {
	who, err := c.Citizen(a.Pseudonym, identity.CompanyID(company))
	if errors.Is(err, code.Invalid) || errors.Is(err, code.NotFound) {
		err = &rest.Problem{Code: code.Invalid, Param: "company", Reason: string(admission.Unknown)}
	}
	who.Language = rest.Language(r)
	return conversation.Caller{Identity: who}, err
}

type companyRequest struct {
	Company string `json:"company,omitzero"` // the company's id, if the person has several
}

// actingFor returns the citizen who asks, acting for the company that the body names, and the
// citizen's claims.
func (a *API) actingFor(w http.ResponseWriter, r *http.Request) (conversation.Caller, portal.Claims, error) {
	c, err := a.claims(r)
	if err != nil {
		return conversation.Caller{}, c, err
	}
	var req companyRequest
	if err := rest.Read(w, r, &req); err != nil {
		return conversation.Caller{}, c, err
	}
	who, err := a.identity(r, c, req.Company)
	return who, c, err
}

// staff returns the member of staff who asks. It fails if the member is not in the group.
func (a *API) staff(r *http.Request, group string) (conversation.Caller, error) {
	c, err := a.claims(r)
	if err != nil {
		return conversation.Caller{}, err
	}
	who, err := c.Staff(a.Pseudonym, group)
	who.Language = rest.Language(r)
	return conversation.Caller{Identity: who}, err
}

// conversationOf returns the id of the conversation in the path. If it does not have the form
// of an id, conversationOf returns code.NotFound, and the store is not asked.
func conversationOf(r *http.Request) (queue.ConversationID, error) {
	id := queue.ConversationID(r.PathValue("id"))
	if !id.Valid() {
		return "", code.NotFound
	}
	return id, nil
}
