package httpapi

import (
	"net/http"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/http/rest"
	"infocig/shared/identity"
)

// placesShown is how many waiting conversations of each topic a supervisor sees.
const placesShown = 200

type waitingAnswer struct {
	Waiting []waitingPlace `json:"waiting"` // by topic, and within a topic in the order of service
	More    int            `json:"more"`    // how many wait and are not listed
	Topics  []attendance   `json:"topics"`
}

// attendance is upkeep.Attendance on the wire.
type attendance struct {
	Topic     queue.Topic `json:"topic"`
	Waiting   int         `json:"waiting"`
	Oldest    time.Time   `json:"oldest,omitzero"` // when the citizen joined who has waited longest among those listed
	Advisors  int         `json:"advisors"`
	Available int         `json:"available"`
}

// waitingPlace is upkeep.Place on the wire.
type waitingPlace struct {
	Conversation queue.ConversationID `json:"conversation"`
	Topic        queue.Topic          `json:"topic"`
	Since        time.Time            `json:"since"`
	Ahead        int                  `json:"ahead"`
	Front        bool                 `json:"front"`
	Why          conversation.Reason  `json:"why,omitzero"`
	Away         bool                 `json:"away"`
}

// waiting lists the conversations that wait, without the citizens' identities.
func (a *API) waiting(w http.ResponseWriter, r *http.Request) error {
	if _, err := a.staff(r, identity.GroupSupervisors); err != nil {
		return err
	}
	places, more, err := a.Upkeep.Waiting(r.Context(), placesShown)
	if err != nil {
		return err
	}
	topics, err := a.Upkeep.Attendances(r.Context())
	if err != nil {
		return err
	}
	answer := waitingAnswer{Waiting: []waitingPlace{}, More: more}
	oldest := map[queue.Topic]time.Time{}
	for _, p := range places {
		answer.Waiting = append(answer.Waiting, waitingPlace(p))
		if was := oldest[p.Topic]; was.IsZero() || p.Since.Before(was) {
			oldest[p.Topic] = p.Since
		}
	}
	for _, t := range topics {
		answer.Topics = append(answer.Topics, attendance{
			Topic: t.Topic, Waiting: t.Waiting, Oldest: oldest[t.Topic], Advisors: t.Advisors, Available: t.Available,
		})
	}
	return rest.Write(w, http.StatusOK, answer)
}

type waiterAnswer struct {
	Name     string `json:"name"`
	Role     string `json:"role"`
	Province string `json:"province"`
	Question string `json:"question"`
}

// waiter shows the citizen and the question of a waiting conversation. The access log records
// it.
func (a *API) waiter(w http.ResponseWriter, r *http.Request) error {
	who, err := a.staff(r, identity.GroupSupervisors)
	if err != nil {
		return err
	}
	id, err := conversationOf(r)
	if err != nil {
		return err
	}
	first, err := a.Upkeep.Waiter(r.Context(), who, id)
	if err != nil {
		return err
	}
	p := first.Profile
	return rest.Write(w, http.StatusOK, waiterAnswer{Name: p.Name, Role: p.Role, Province: p.Province, Question: string(first.Text)})
}

type frontRequest struct {
	Reason string `json:"reason"` // one of upkeep.ReorderReasons
}

// letGoFirst puts a conversation that waits in line to the front.
func (a *API) letGoFirst(w http.ResponseWriter, r *http.Request) error {
	who, err := a.staff(r, identity.GroupSupervisors)
	if err != nil {
		return err
	}
	var body frontRequest
	if err := rest.Read(w, r, &body); err != nil {
		return err
	}
	id, err := conversationOf(r)
	if err != nil {
		return err
	}
	if _, err := a.Upkeep.Reorder(r.Context(), who, id, body.Reason); err != nil {
		return detailed(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
