package office

import (
	"io"
	"net/http"
	"slices"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/http/portal"
	"infocig/shared/http/wire"
	"infocig/shared/identity"
	"infocig/shared/lineainps"
)

// An officer works at one office.
type officer struct{ name, office string }

const groupOfficers = "officers"

// officer lets officers in. They see and do what is their own office's.
func (s *Service) officer(do func(http.ResponseWriter, *http.Request, officer)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := s.config.Verifier.Verify(r.Context(), portal.Bearer(r.Header.Get("Authorization")))
		if err != nil {
			problem(w, http.StatusUnauthorized, "unauthorized")
			return
		}
		if _, err := c.Staff(identity.Pseudonym{}, groupOfficers); err != nil || s.config.Offices[c.Office] == "" {
			problem(w, http.StatusForbidden, "forbidden")
			return
		}
		do(w, r, officer{name: c.Name("name.advisor"), office: c.Office})
	}
}

// An item is an escalation as an officer sees it.
type item struct {
	lineainps.Escalation
	Case    string             `json:"case"`
	Person  lineainps.Person   `json:"person"`
	Company string             `json:"company,omitzero"`
	Advisor string             `json:"advisor"`
	Text    string             `json:"text"`
	SentAt  time.Time          `json:"sent_at"`
	Next    []lineainps.Status `json:"next"` // the steps that are possible
}

type listAnswer struct {
	Office      string `json:"office"`
	OfficeName  string `json:"office_name"`
	Name        string `json:"name"` // of the officer
	Escalations []item `json:"escalations"`
}

// next are the steps that can follow a status.
var next = map[lineainps.Status][]lineainps.Status{
	lineainps.Received: {lineainps.Taken},
	lineainps.Taken:    {lineainps.Needs, lineainps.Settled, lineainps.Rejected},
	lineainps.Needs:    {lineainps.Taken, lineainps.Settled, lineainps.Rejected},
}

// list answers the office's escalations, the newest first.
func (s *Service) list(w http.ResponseWriter, _ *http.Request, o officer) {
	answer := listAnswer{Office: o.office, OfficeName: s.config.Offices[o.office], Name: o.name, Escalations: []item{}}
	s.mu.Lock()
	for _, r := range s.book.Escalations {
		if r.Delivery.Office == o.office {
			answer.Escalations = append(answer.Escalations, itemOf(r))
		}
	}
	s.mu.Unlock()
	slices.SortFunc(answer.Escalations, func(a, b item) int { return b.SentAt.Compare(a.SentAt) })
	write(w, http.StatusOK, answer)
}

func itemOf(r *record) item {
	a := r.Answer
	a.Steps = slices.Clone(a.Steps)
	d := r.Delivery
	return item{
		Escalation: a, Case: d.Case, Person: d.Person, Company: d.Company, Advisor: d.Advisor, Text: d.Text, SentAt: d.SentAt,
		Next: append([]lineainps.Status{}, next[a.Steps[len(a.Steps)-1].Status]...),
	}
}

// A stepRequest is a step that an officer makes. After is the number of the last
// step that the officer saw: somebody else may have been quicker.
type stepRequest struct {
	After  int              `json:"after"`
	Status lineainps.Status `json:"status"`
	Text   string           `json:"text,omitzero"`
}

func (s *Service) step(w http.ResponseWriter, r *http.Request, o officer) {
	var req stepRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = wire.Decode(body, &req)
	}
	words := conversation.Text("")
	if err == nil && req.Text != "" {
		words, err = conversation.NewText(req.Text)
	}
	if err != nil || (req.Status == lineainps.Needs || req.Status == lineainps.Rejected) && words == "" {
		problem(w, http.StatusBadRequest, "invalid")
		return
	}
	it, code := s.advance(r.PathValue("id"), o, req.After, lineainps.Step{Status: req.Status, Text: string(words)})
	switch code {
	case "":
		s.announce(it.ID, len(it.Steps))
		write(w, http.StatusOK, it)
	case "not_found":
		problem(w, http.StatusNotFound, code)
	case "conflict":
		problem(w, http.StatusConflict, code)
	default:
		problem(w, http.StatusServiceUnavailable, code)
	}
}

// advance adds a step. It returns a code if it cannot: not_found also for what
// is another office's.
func (s *Service) advance(id string, o officer, after int, step lineainps.Step) (it item, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.book.Escalations[id]
	if !ok || r.Delivery.Office != o.office {
		return it, "not_found"
	}
	steps := r.Answer.Steps
	last := steps[len(steps)-1]
	if after != last.Number || !slices.Contains(next[last.Status], step.Status) {
		return it, "conflict"
	}
	step.Number, step.At = last.Number+1, s.config.Now().UTC().Truncate(time.Second)
	r.Answer.Steps = append(slices.Clone(steps), step)
	if err := s.save(); err != nil {
		r.Answer.Steps = steps
		s.config.Log.Error("linea inps cannot keep a step", "err", err)
		return it, "unavailable"
	}
	return itemOf(r), ""
}
