package httpapi

import (
	"net/http"
	"time"

	"infocig/shared/chat/rollout"
	"infocig/shared/chat/store"
	"infocig/shared/hours"
	"infocig/shared/http/rest"
	"infocig/shared/identity"
)

// Operator returns the routes of operators and of supervisors.
func (a *API) Operator() rest.Routes {
	return rest.Routes{
		"GET /v1/operator/rules":                 a.rules,
		"PUT /v1/operator/rules":                 a.setRules,
		"POST /v1/operator/closure":              a.closeDesk,
		"GET /v1/supervisor/waiting":             a.waiting,
		"GET /v1/supervisor/waiting/{id}":        a.waiter,
		"POST /v1/supervisor/waiting/{id}/front": a.letGoFirst,
	}
}

// rulesBody is store.DeskRules on the wire.
type rulesBody struct {
	Rev      int             `json:"rev"`
	Closures []hours.Closure `json:"closures"`
	Phases   []rollout.Phase `json:"phases,omitzero"`
	Shards   int             `json:"shards,omitzero"`
}

func (a *API) rules(w http.ResponseWriter, r *http.Request) error {
	if _, err := a.staff(r, identity.GroupOperators); err != nil {
		return err
	}
	rules, err := a.Desk.Store.DeskRules(r.Context())
	if err != nil {
		return err
	}
	return rest.Write(w, http.StatusOK, rulesBody(rules))
}

// setRules replaces the operators' rules. The body's rev is the revision that the operator has
// read.
func (a *API) setRules(w http.ResponseWriter, r *http.Request) error {
	if _, err := a.staff(r, identity.GroupOperators); err != nil {
		return err
	}
	var body rulesBody
	if err := rest.Read(w, r, &body); err != nil {
		return err
	}
	rules, err := a.Desk.SetRules(r.Context(), store.DeskRules(body))
	if err != nil {
		return detailed(err)
	}
	return rest.Write(w, http.StatusOK, rulesBody(rules))
}

type closureRequest struct {
	Reason string    `json:"reason"`
	Until  time.Time `json:"until,omitzero"` // by default the end of the day in Italy
}

type closureAnswer struct {
	Closure hours.Closure `json:"closure"`
	OpensAt time.Time     `json:"opens_at,omitzero"`
	Ended   int           `json:"ended"`
	Left    int           `json:"left"`
}

// closeDesk closes the desk at once.
func (a *API) closeDesk(w http.ResponseWriter, r *http.Request) error {
	who, err := a.staff(r, identity.GroupOperators)
	if err != nil {
		return err
	}
	var body closureRequest
	if err := rest.Read(w, r, &body); err != nil {
		return err
	}
	c, err := a.Upkeep.CloseDesk(r.Context(), who, body.Reason, body.Until)
	if err != nil {
		return detailed(err)
	}
	return rest.Write(w, http.StatusOK, closureAnswer{Closure: c.Closure, OpensAt: c.Opens, Ended: c.Ended, Left: c.Left})
}
