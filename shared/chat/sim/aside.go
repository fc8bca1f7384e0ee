package sim

import (
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/identity"
)

// checkAside: nobody is passed over without having been asked, with time to answer,
// and without a reason; whoever was passed over is served after an answer only, and
// is waited for.
func (w *world) checkAside(entries []conversation.Entry, policy admission.Policy) {
	var asked, aside time.Time // since when; zero if not
	for _, e := range entries {
		switch {
		case e.Kind == conversation.KindAsked && e.By == identity.SideAdvisor:
		case e.Kind == conversation.KindAsked:
			asked = e.At
		case e.Kind == conversation.KindAside:
			aside = e.At
			if asked.IsZero() || e.At.Sub(asked) < w.desk.Times.Answer || e.Reason != conversation.Silent {
				w.violate("I-7", "%s is passed over at %d (%q), asked at %s", e.Conversation, e.Seq, e.Reason, asked)
			}
		case e.By == identity.SideCitizen && e.Kind != conversation.KindConnected:
			asked, aside = time.Time{}, time.Time{}
		case e.Kind == conversation.KindAssigned:
			if !aside.IsZero() {
				w.violate("I-7", "%s is offered at %d, and its citizen has not answered", e.Conversation, e.Seq)
			}
			asked = time.Time{}
		case e.Kind == conversation.KindClosed && e.Reason == conversation.Silent:
			serving := !w.may(e.At, sweepKnow, policy, sendsAway(e.At))
			if aside.IsZero() || serving || e.State.Outcome != conversation.Abandoned {
				w.violate("I-7", "%s is ended as silent at %s, asked at %s and passed over since %s", e.Conversation, e.At, asked, aside)
			}
		}
	}
}
