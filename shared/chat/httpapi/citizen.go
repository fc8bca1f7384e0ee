package httpapi

import (
	"net/http"
	"net/url"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/http/portal"
	"infocig/shared/http/rest"
	"infocig/shared/identity"
)

// Citizen returns the routes of citizens, and of clients without a token.
func (a *API) Citizen() rest.Routes {
	return rest.Routes{
		"GET /v1/availability":                  a.availability,
		"GET /v1/me":                            a.me,
		"GET /v1/cases":                         a.cases,
		"POST /v1/tickets":                      a.ticket,
		"POST /v1/slips":                        a.reserve,
		"POST /v1/logout":                       a.logout,
		"GET /v1/escalations":                   a.ownEscalations,
		"GET /v1/conversations/{id}/transcript": a.transcript,
	}
}

// availability answers "can I chat now?". For now it takes the load into account. For another
// instant it is a preview of a day without a queue.
func (a *API) availability(w http.ResponseWriter, r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &rest.Problem{Code: code.Invalid, Detail: "query"}
	}
	policy, err := a.Desk.Policy(r.Context())
	if err != nil {
		return a.fault(w, r, err)
	}
	now := a.Desk.Now()
	req, err := admission.ParseQuery(query, now)
	if err != nil {
		return badQuery(err)
	}
	free := a.Desk.Load(queue.Line{Figures: queue.Figures{Slots: 1, Free: 1}}) // a preview is of a day without a queue
	req.Load.Handling, req.Load.HighWait = free.Handling, free.HighWait
	if !query.Has("at") {
		line, err := a.busiest(r, queue.TopicsOf(req.Audience))
		if err != nil {
			return a.fault(w, r, err)
		}
		req.Load = a.Desk.Load(line)
	}
	return rest.Write(w, http.StatusOK, policy.Decide(req).Answer(rest.Language(r)))
}

// busiest returns the line of the topics with the longest wait, so that no citizen is promised
// a shorter wait than may come. A topic that no advisor serves counts as the longest.
func (a *API) busiest(r *http.Request, topics []queue.Topic) (worst queue.Line, err error) {
	var longest admission.Load
	for i, t := range topics {
		line, err := a.glance(r.Context(), t)
		if err != nil {
			return worst, err
		}
		l := a.Desk.Load(line)
		if i == 0 || l.Unattended && !longest.Unattended || l.Unattended == longest.Unattended && l.HighWait > longest.HighWait {
			worst, longest = line, l
		}
	}
	return worst, nil
}

// fault answers that availability is not known, and logs why.
func (a *API) fault(w http.ResponseWriter, r *http.Request, err error) error {
	a.Log.ErrorContext(r.Context(), "availability unknown", "request_id", rest.RequestID(r), "err", err)
	return rest.Write(w, http.StatusOK, admission.Unavailable().Answer(rest.Language(r)))
}

type meAnswer struct {
	Name      string             `json:"name"`
	Audience  identity.Audience  `json:"audience"`
	Companies []company          `json:"companies,omitzero"`
	Decisions []admission.Answer `json:"decisions"` // one for each company; one if there are none
	Topics    []queue.Topic      `json:"topics"`
	Slip      *slipAnswer        `json:"slip,omitzero"`
}

type company struct {
	ID       identity.CompanyID `json:"id"`                // does not reveal the fiscal code
	Code     string             `json:"code"`              // the fiscal code, masked but for its last four characters
	Name     string             `json:"name"`              // one line of at most 200 characters
	Province string             `json:"province,omitzero"` // name of the province of the registered office, if the token says it
	Role     identity.Role      `json:"role"`
}

// me tells a person the name, companies and slip that we know, and whether the person may chat
// now: one decision for each company.
func (a *API) me(w http.ResponseWriter, r *http.Request) error {
	c, err := a.claims(r)
	if err != nil {
		return err
	}
	answer := meAnswer{Name: c.Name("name.citizen"), Audience: identity.Worker, Topics: queue.TopicsOf(identity.Worker)}
	ids := []string{""}
	if c.Door == portal.Cassetto {
		answer.Topics = queue.TopicsOf(identity.Employer)
		if acts := c.Acts(a.Pseudonym); len(acts) > 0 {
			ids = nil
			for _, f := range acts {
				ids = append(ids, string(f.ID))
				answer.Companies = append(answer.Companies, company{f.ID, f.Masked, f.Name, a.province(r, f.Province), f.Role})
			}
		}
	}
	line, err := a.busiest(r, answer.Topics)
	if err != nil {
		return err
	}
	named, err := c.Person(a.Pseudonym)
	if err != nil {
		return err
	}
	person := conversation.Caller{Identity: named}
	if person.Audience = identity.Worker; c.Door == portal.Cassetto {
		person.Audience = identity.Employer // one slip is for all companies
	}
	if person, err = a.Desk.WithSlip(r.Context(), person); err != nil {
		return err
	}
	if answer.Slip, err = a.slipOf(r, person); err != nil {
		return err
	}
	for _, id := range ids {
		who, err := a.identity(r, c, id)
		if err != nil {
			return err
		}
		who.Slip = person.Slip
		answer.Audience = who.Audience
		d, err := a.Desk.Admit(r.Context(), who, line)
		if err != nil {
			return err
		}
		answer.Decisions = append(answer.Decisions, d.Answer(rest.Language(r)))
	}
	return rest.Write(w, http.StatusOK, answer)
}

// province returns the name of a province, or its sigla if the name is not known.
func (a *API) province(r *http.Request, sigla string) string {
	policy, err := a.Desk.Policy(r.Context())
	if err != nil {
		return sigla
	}
	if name, ok := policy.Plan.Provinces().Name(sigla); ok {
		return name
	}
	return sigla
}

type casesAnswer struct {
	Cases []cases.Case `json:"cases"`
}

// cases lists the person's cases, or those of the company that the person acts for.
func (a *API) cases(w http.ResponseWriter, r *http.Request) error {
	who, err := a.recognised(r, r.URL.Query().Get("company"))
	if err != nil {
		return err
	}
	own, err := a.Cases.Of(r.Context(), who.Identity)
	if err != nil {
		return err
	}
	return rest.Write(w, http.StatusOK, casesAnswer{Cases: append([]cases.Case{}, own...)})
}

type ticketAnswer struct {
	Ticket    string    `json:"ticket"`
	URL       string    `json:"url"` // the whole address of the socket
	ExpiresAt time.Time `json:"expires_at"`
}

// ticket gives a citizen a one-time ticket for the socket.
func (a *API) ticket(w http.ResponseWriter, r *http.Request) error {
	who, c, err := a.actingFor(w, r)
	if err != nil {
		return err
	}
	code, err := c.FiscalCode()
	if err != nil {
		return err
	}
	who.Sealed = a.Sealer.Seal(code, who.ID)
	return a.pass(w, r, who)
}

func (a *API) pass(w http.ResponseWriter, r *http.Request, who conversation.Caller) error {
	p, err := a.Desk.NewPass(r.Context(), who)
	if err != nil {
		return err
	}
	return rest.Write(w, http.StatusCreated, ticketAnswer{
		Ticket: p.ID, URL: a.Socket + "?ticket=" + url.QueryEscape(p.ID), ExpiresAt: p.Expires,
	})
}

// ownEscalations lists the escalations about the person, and what the offices have done: a
// person who comes back after days finds it here.
func (a *API) ownEscalations(w http.ResponseWriter, r *http.Request) error {
	who, err := a.recognised(r, r.URL.Query().Get("company"))
	if err != nil {
		return err
	}
	return a.listEscalations(w, r, who)
}

// logout closes every socket of the person.
func (a *API) logout(w http.ResponseWriter, r *http.Request) error {
	who, err := a.person(r)
	if err != nil {
		return err
	}
	return a.out(w, r, who)
}

func (a *API) out(w http.ResponseWriter, r *http.Request, who conversation.Caller) error {
	if err := a.Desk.Logout(r.Context(), who); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// transcript returns one of the person's conversations as a text to keep.
func (a *API) transcript(w http.ResponseWriter, r *http.Request) error {
	id, err := conversationOf(r) // first, so that the answer to a malformed id is the same for all callers
	if err != nil {
		return err
	}
	who, err := a.recognised(r, r.URL.Query().Get("company"))
	if err != nil {
		return err
	}
	entries, err := a.Desk.Transcript(r.Context(), who, id)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="infocig.txt"`)
	_, err = w.Write([]byte(a.transcriptOf(r.Context(), entries, rest.Language(r))))
	return err
}
