package httpapi

import (
	"context"
	"net/http"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/http/rest"
	"infocig/shared/identity"
	"infocig/shared/office"
)

// Advisor returns the routes of advisors. Advisors do everything else over the socket.
func (a *API) Advisor() rest.Routes {
	return rest.Routes{
		"POST /v1/advisor/tickets":                 a.advisorTicket,
		"POST /v1/advisor/logout":                  a.advisorLogout,
		"GET /v1/advisor/colleagues":               a.colleagues,
		"GET /v1/advisor/escalations":              a.escalations,
		"GET /v1/advisor/conversations/{id}/cases": a.conversationCases,
		"GET /v1/advisor/conversations/{id}/notes": a.conversationNotes,
	}
}

func (a *API) advisorTicket(w http.ResponseWriter, r *http.Request) error {
	who, err := a.staff(r, identity.GroupAdvisors)
	if err != nil {
		return err
	}
	return a.pass(w, r, who)
}

// advisorLogout closes every socket of the advisor.
func (a *API) advisorLogout(w http.ResponseWriter, r *http.Request) error {
	who, err := a.staff(r, identity.GroupAdvisors)
	if err != nil {
		return err
	}
	return a.out(w, r, who)
}

type colleaguesAnswer struct {
	Colleagues []colleague `json:"colleagues"`
}

type colleague struct {
	ID     identity.StaffID `json:"id"`
	Name   string           `json:"name"`
	Topics []queue.Topic    `json:"topics"`
	Free   int              `json:"free"` // conversations that the colleague can be given now
}

func (a *API) colleagues(w http.ResponseWriter, r *http.Request) error {
	who, err := a.staff(r, identity.GroupAdvisors)
	if err != nil {
		return err
	}
	present, err := a.Desk.Colleagues(r.Context(), who)
	if err != nil {
		return err
	}
	answer := colleaguesAnswer{Colleagues: []colleague{}}
	for _, c := range present {
		free := 0
		for _, t := range c.Topics {
			free = max(free, c.Free(t, a.Desk.Now()))
		}
		answer.Colleagues = append(answer.Colleagues, colleague{c.ID, c.Name, c.Topics, free})
	}
	return rest.Write(w, http.StatusOK, answer)
}

// conversationCases shows an advisor the cases of one of the advisor's conversations.
func (a *API) conversationCases(w http.ResponseWriter, r *http.Request) error {
	who, err := a.staff(r, identity.GroupAdvisors)
	if err != nil {
		return err
	}
	id, err := conversationOf(r)
	if err != nil {
		return err
	}
	refs, err := a.Desk.CasesOf(r.Context(), who, id)
	if err != nil {
		return err
	}
	answer := casesAnswer{Cases: []cases.Case{}}
	for _, ref := range refs {
		c, err := a.Cases.Get(r.Context(), ref.ID)
		if err != nil {
			return err
		}
		answer.Cases = append(answer.Cases, c)
	}
	return rest.Write(w, http.StatusOK, answer)
}

type escalationsAnswer struct {
	Escalations []escalation `json:"escalations"`
}

type escalation struct {
	ID           conversation.EscalationID     `json:"id"`
	Conversation queue.ConversationID          `json:"conversation"`
	Case         cases.ID                      `json:"case"`
	Office       office.ID                     `json:"office"`
	OfficeName   string                        `json:"office_name"`
	Status       conversation.EscalationStatus `json:"status"`
	SentAt       time.Time                     `json:"sent_at"`
	Protocol     string                        `json:"protocol,omitzero"`
	DueAt        time.Time                     `json:"due_at,omitzero"`
	Overdue      bool                          `json:"overdue,omitzero"`
	Words        conversation.Text             `json:"words,omitzero"` // the office's last words
}

// escalations lists what the advisor has sent to offices, and what the offices have done.
func (a *API) escalations(w http.ResponseWriter, r *http.Request) error {
	who, err := a.staff(r, identity.GroupAdvisors)
	if err != nil {
		return err
	}
	return a.listEscalations(w, r, who)
}

func (a *API) listEscalations(w http.ResponseWriter, r *http.Request, who conversation.Caller) error {
	own, err := a.Escalations.List(r.Context(), who)
	if err != nil {
		return err
	}
	words, err := a.Escalations.OfficeWords(r.Context(), own)
	if err != nil {
		return err
	}
	answer := escalationsAnswer{Escalations: []escalation{}}
	for i, e := range own {
		answer.Escalations = append(answer.Escalations, escalation{
			ID: e.ID, Conversation: e.Conversation, Case: e.Case, Office: e.Office, OfficeName: a.officeOf(r.Context(), e),
			Status: e.Status, SentAt: e.At, Protocol: e.Protocol, DueAt: e.Due, Overdue: e.Overdue, Words: words[i],
		})
	}
	return rest.Write(w, http.StatusOK, answer)
}

// officeOf returns the name of an escalation's office, or the office's id if the case cannot
// be read.
func (a *API) officeOf(ctx context.Context, e conversation.Escalation) string {
	if c, err := a.Cases.Get(ctx, e.Case); err == nil {
		return c.OfficeName
	}
	return string(e.Office)
}

type notesAnswer struct {
	Notes []note `json:"notes"`
}

type note struct {
	At   time.Time `json:"at"`
	Name string    `json:"name"`
	Text string    `json:"text"`
}

func (a *API) conversationNotes(w http.ResponseWriter, r *http.Request) error {
	who, err := a.staff(r, identity.GroupAdvisors)
	if err != nil {
		return err
	}
	id, err := conversationOf(r)
	if err != nil {
		return err
	}
	all, err := a.Desk.Notes(r.Context(), who, id)
	if err != nil {
		return err
	}
	answer := notesAnswer{Notes: []note{}}
	for _, n := range all {
		answer.Notes = append(answer.Notes, note{n.At, n.Name, string(n.Text)})
	}
	return rest.Write(w, http.StatusOK, answer)
}
