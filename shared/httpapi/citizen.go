package httpapi

import (
	"net/http"
	"net/url"
	"time"

	"infocig/shared/admission"
	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/portal"
	"infocig/shared/text"
)

// Citizen are the routes of everybody and of citizens.
func (a *API) Citizen() Routes {
	return Routes{
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

// availability is the one answer to "can I chat now?". For now it knows the
// load; for another instant it is a preview.
func (a *API) availability(w http.ResponseWriter, r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &problem{Code: chat.Invalid, Detail: "query"}
	}
	policy, err := a.Desk.Policy(r.Context())
	if err != nil {
		return a.fault(w, r, err)
	}
	now := a.Desk.Now()
	req, err := policy.ParseQuery(query, now)
	if err != nil {
		return err
	}
	if !query.Has("at") {
		if req.Load, err = a.load(r, req); err != nil {
			return a.fault(w, r, err)
		}
	}
	return write(w, http.StatusOK, text.Answer(language(r), policy.Decide(req)))
}

// load returns that of the busiest topic of the audience: nobody is promised
// less than what may come.
func (a *API) load(r *http.Request, req admission.Request) (admission.Load, error) {
	var worst admission.Load
	for _, t := range chat.TopicsOf(req.Audience) {
		line, err := a.Desk.Glance(r.Context(), t)
		if err != nil {
			return worst, err
		}
		if l := a.Desk.Load(line); l.HighWait >= worst.HighWait {
			worst = l
		}
	}
	return worst, nil
}

// fault answers honestly that we cannot tell, and logs why.
func (a *API) fault(w http.ResponseWriter, r *http.Request, err error) error {
	a.Log.ErrorContext(r.Context(), "availability unknown", "request_id", requestID(r), "err", err)
	return write(w, http.StatusOK, text.Answer(language(r), admission.Unavailable()))
}

type meAnswer struct {
	Name      string             `json:"name"`
	Audience  admission.Audience `json:"audience"`
	Companies []company          `json:"companies,omitzero"`
	Decisions []admission.Answer `json:"decisions"` // one per company, or one
	Topics    []chat.Topic       `json:"topics"`
	Slip      *slipAnswer        `json:"slip,omitzero"`
}

type company struct {
	FiscalCode string         `json:"fiscal_code"`
	Name       string         `json:"name"`
	Province   string         `json:"province"`
	Role       admission.Role `json:"role"`
}

// me tells the person who they are to us, and whether they may chat now: for
// each company where there are several.
func (a *API) me(w http.ResponseWriter, r *http.Request) error {
	c, err := a.claims(r)
	if err != nil {
		return err
	}
	answer := meAnswer{Name: c.Name(), Audience: admission.Worker, Topics: chat.TopicsOf(admission.Worker)}
	codes := []string{""}
	if c.Door == portal.Cassetto {
		answer.Topics = chat.TopicsOf(admission.Employer)
		if acts := c.Acts(); len(acts) > 0 {
			codes = nil
			for _, f := range acts {
				codes = append(codes, f.FiscalCode)
				answer.Companies = append(answer.Companies, company{f.FiscalCode, f.Name, a.province(r, f.Province), admission.Role(f.Role)})
			}
		}
	}
	line, err := a.Desk.Glance(r.Context(), answer.Topics[0])
	if err != nil {
		return err
	}
	person, err := c.Person(a.Pseudonym)
	if err != nil {
		return err
	}
	if person, err = a.Desk.WithSlip(r.Context(), person); err != nil {
		return err
	}
	if answer.Slip, err = a.slipOf(r, person); err != nil {
		return err
	}
	for _, code := range codes {
		who, err := a.identity(r, c, code)
		if err != nil {
			return err
		}
		who.Slip = person.Slip
		answer.Audience = who.Audience
		d, err := a.Desk.Admit(r.Context(), who, line)
		if err != nil {
			return err
		}
		answer.Decisions = append(answer.Decisions, text.Answer(language(r), d))
	}
	return write(w, http.StatusOK, answer)
}

// province returns the name of a province, or its sigla if it has none.
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

// cases lists the person's own cases, or those of the company that they act for.
func (a *API) cases(w http.ResponseWriter, r *http.Request) error {
	who, err := a.citizen(r, r.URL.Query().Get("company"))
	if err != nil {
		return err
	}
	own, err := a.Cases.Of(r.Context(), who)
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, casesAnswer{Cases: append([]cases.Case{}, own...)})
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
	who.Sealed = a.Sealer.Seal(c.FiscalCode(), who.ID)
	return a.pass(w, r, who)
}

func (a *API) pass(w http.ResponseWriter, r *http.Request, who chat.Identity) error {
	p, err := a.Desk.NewPass(r.Context(), who)
	if err != nil {
		return err
	}
	return write(w, http.StatusCreated, ticketAnswer{
		Ticket: p.ID, URL: a.Socket + "?ticket=" + url.QueryEscape(p.ID), ExpiresAt: p.Expires,
	})
}

// ownEscalations lists what offices were told about the person and what became
// of it: whoever comes back after days finds it here.
func (a *API) ownEscalations(w http.ResponseWriter, r *http.Request) error {
	who, err := a.person(r)
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

func (a *API) out(w http.ResponseWriter, r *http.Request, who chat.Identity) error {
	if err := a.Desk.Logout(r.Context(), who); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// transcript is the person's own conversation as a text to keep.
func (a *API) transcript(w http.ResponseWriter, r *http.Request) error {
	who, err := a.person(r)
	if err != nil {
		return err
	}
	entries, err := a.Desk.Transcript(r.Context(), who, chat.ConversationID(r.PathValue("id")))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="infocig.txt"`)
	_, err = w.Write([]byte(a.transcriptOf(r.Context(), entries, language(r))))
	return err
}
