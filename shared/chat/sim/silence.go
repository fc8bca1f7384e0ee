package sim

import (
	"context"
	"slices"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/identity"
)

// checkAsked looks at a citizen who is asked whether they are still there: somebody
// serves, or has a moment ago. An advisor who never came cannot.
func (w *world) checkAsked(e conversation.Entry) {
	if e.Kind != conversation.KindAsked || e.By != identity.SideSystem {
		return
	}
	advisors, err := w.store.Advisors(context.Background())
	if err != nil {
		panic(err) // nothing goes wrong outside of functions
	}
	if len(advisors) == 0 {
		w.violate("I-18", "%s is asked at %s, and no advisor has come so far", e.Conversation, e.At)
	}
}

// checkSilence is I-19: a conversation is ended for silence, or because its citizen is
// away, only when it is the citizen's turn: an advisor has asked for an answer and there
// was time for it; or the advisor had the last word, and the citizen was away for that
// long since; or was away already when the advisor came.
func (w *world) checkSilence(entries []conversation.Entry) {
	var asked, away, accepted, advisor time.Time // since when, or when last; zero if not
	citizenLast := true                          // has the last word: the question, at first
	for i, e := range entries {
		switch {
		case e.Kind == conversation.KindAsked && e.By == identity.SideAdvisor:
			asked, advisor = e.At, e.At
		case e.Kind == conversation.KindMessage && e.By == identity.SideAdvisor, e.Kind == conversation.KindEscalated:
			citizenLast, advisor = false, e.At
		case e.Kind == conversation.KindMessage:
			citizenLast, asked, away = true, time.Time{}, time.Time{}
		case e.Kind == conversation.KindHere:
			asked, away = time.Time{}, time.Time{}
		case e.Kind == conversation.KindConnected && e.By == identity.SideCitizen:
			away = time.Time{}
		case e.Kind == conversation.KindAway:
			away = e.At
		case e.Kind == conversation.KindAccepted:
			accepted = e.At
		case e.Kind == conversation.KindRequeued, e.Kind == conversation.KindTransferred:
			asked = time.Time{}
		}
		if e.Kind != conversation.KindClosed || i == 0 || entries[i-1].State.Status == conversation.Queued {
			continue
		}
		since := func(t time.Time, d time.Duration) bool { return !t.IsZero() && e.At.Sub(t) >= d }
		switch e.Reason {
		case conversation.IdleTooLong:
			if !since(asked, w.desk.Times.IdleLimit) {
				w.violate("I-19", "%s is ended at %s for silence, and was asked for an answer at %s", e.Conversation, e.At, asked)
			}
		case conversation.AwayTooLong:
			never := !away.After(accepted) && since(accepted, w.desk.Times.AwayLimit) // has not come since
			left := !citizenLast && since(away, w.desk.Times.IdleLimit) && since(advisor, w.desk.Times.IdleLimit)
			if away.IsZero() || !never && !left {
				w.violate("I-19", "%s is ended at %s, away since %s, while it is the advisor's turn", e.Conversation, e.At, away)
			}
		}
	}
}

// checkKept is I-18: nobody with an open page loses the place in the queue without a
// choice of the own; nobody is offered while not connected; and once the faults have
// stopped no advisor with an open page, who is not logging out, loses a conversation, however the browser slows
// the page down.
func (w *world) checkKept(entries []conversation.Entry) {
	ends := []conversation.Reason{conversation.LeftByCitizen, conversation.DeskClosed, conversation.Silent, conversation.AwayTooLong}
	for i, e := range entries[1:] {
		was := entries[i].State
		switch {
		case e.Kind == conversation.KindClosed && was.Status == conversation.Queued:
			gone := e.At.Sub(time.UnixMilli(was.Citizen.At))
			if !slices.Contains(ends, e.Reason) || e.Reason == conversation.AwayTooLong && (was.Citizen.Connection != "" || gone < w.desk.Times.KeepPlace) {
				w.violate("I-18", "%s loses its place at %s (%s), away for %s", e.Conversation, e.At, e.Reason, gone)
			}
		case e.Kind == conversation.KindAssigned && was.Citizen.Connection == "":
			w.violate("I-18", "%s is offered at %s, and its citizen is not connected", e.Conversation, e.At)
		case e.Kind == conversation.KindRequeued && e.Reason == conversation.AdvisorLost && was.Accepted():
			leaves := w.leaves[identity.StaffID(was.Advisor.ID)]
			if !w.kept.IsZero() && e.At.After(w.kept) && e.At.Sub(leaves).Abs() > lookTime {
				w.violate("I-18", "%s is taken from %s at %s, whose page is open", e.Conversation, was.Advisor.ID, e.At)
			}
		}
	}
}
