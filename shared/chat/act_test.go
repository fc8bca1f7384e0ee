package chat_test

import (
	"testing"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// TestDecide has, for every act, what it does where it may be done, and how it
// is refused where not.
func TestDecide(t *testing.T) {
	const offer = 20 * time.Second
	until := opening.Add(offer)
	citizen := chat.Actor{Side: identity.SideCitizen, ID: "p", Connection: "c5", Epoch: 5}
	advisor := chat.Actor{Side: identity.SideAdvisor, ID: "a", Name: "Anna", Connection: "d5", Epoch: 5}
	system := chat.Actor{Side: identity.SideSystem}
	base := func(status chat.Status, change func(*chat.State)) chat.Entry {
		s := chat.State{
			Status: status, Topic: chat.WorkerCase, Ticket: chat.Ticket{Topic: chat.WorkerCase, N: 1}, Cases: []cases.Ref{{ID: "k", Office: "o"}},
			Citizen: chat.Party{ID: "p", Connection: "c5", Epoch: 5, Number: 3, Seq: 6, Digest: digest(t, "x")},
		}
		if status != chat.Queued {
			s.Advisor = chat.Party{ID: "a", Connection: "d5", Epoch: 5}
		}
		if change != nil {
			change(&s)
		}
		return chat.Entry{Conversation: "worker_case.0.1", Seq: 9, State: s}
	}
	queued := base(chat.Queued, nil)
	offered := base(chat.Assigned, func(s *chat.State) { s.OfferUntil = &until })
	talking := base(chat.Assigned, nil)
	away := base(chat.CitizenAway, func(s *chat.State) { s.Citizen.Connection = "" })
	escalated := base(chat.Assigned, func(s *chat.State) { s.Escalation = "e" })
	ended := base(chat.StatusEnded, func(s *chat.State) { s.Outcome = chat.Settled })
	absent := base(chat.Queued, func(s *chat.State) { s.Citizen.Connection = "" })
	expecting := base(chat.Assigned, func(s *chat.State) { s.AnswerUntil = &until })
	front := base(chat.Queued, func(s *chat.State) { s.Returned = true })
	at := func(a chat.Actor, epoch int64) chat.Actor { a.Epoch = epoch; return a }
	call := func(number int, text chat.Text) chat.Act { return chat.Send{Number: number, Text: text} }
	escalate := func(about cases.ID) chat.Act {
		return chat.Escalate{Number: 1, ID: "e", Case: about, Text: "t"}
	}
	const nothing = code.Code("nothing")
	const again = code.Code("again")

	for name, test := range map[string]struct {
		tail   chat.Entry
		by     chat.Actor
		act    chat.Act
		after  time.Duration
		want   code.Code   // refused so; "" for an entry
		status chat.Status // after it
	}{
		"the citizen writes":                        {tail: talking, by: citizen, act: call(4, "y"), status: chat.Assigned},
		"and may while waiting":                     {tail: queued, by: citizen, act: call(4, "y"), status: chat.Queued},
		"writing brings back who was away":          {tail: away, by: citizen, act: call(4, "y"), status: chat.Assigned},
		"the advisor writes":                        {tail: talking, by: advisor, act: call(1, "y"), status: chat.Assigned},
		"to somebody away, too":                     {tail: away, by: advisor, act: call(1, "y"), status: chat.CitizenAway},
		"but not before accepting":                  {tail: offered, by: advisor, act: call(1, "y"), want: code.Conflict},
		"the last number again":                     {tail: talking, by: citizen, act: call(3, "x"), want: again},
		"the last number with another text":         {tail: talking, by: citizen, act: call(3, "z"), want: code.Conflict},
		"an older number":                           {tail: talking, by: citizen, act: call(2, "x"), want: code.Conflict},
		"writing after the end":                     {tail: ended, by: citizen, act: call(4, "y"), want: code.Closed},
		"an older connection":                       {tail: talking, by: at(citizen, 4), act: call(4, "y"), want: code.Superseded},
		"a newer connection":                        {tail: talking, by: at(citizen, 6), act: call(4, "y"), status: chat.Assigned},
		"connecting with the present connection":    {tail: talking, by: citizen, act: chat.Connect{}, want: nothing},
		"connecting with a newer one":               {tail: talking, by: at(citizen, 6), act: chat.Connect{}, status: chat.Assigned},
		"coming back":                               {tail: away, by: at(citizen, 6), act: chat.Connect{}, status: chat.Assigned},
		"the connection goes":                       {tail: talking, by: system, act: chat.Away{Connection: "c5", Reason: chat.Disconnected}, status: chat.CitizenAway},
		"and in the queue":                          {tail: queued, by: system, act: chat.Away{Connection: "c5", Reason: chat.Disconnected}, status: chat.Queued},
		"another connection goes":                   {tail: talking, by: system, act: chat.Away{Connection: "c4"}, want: nothing},
		"no connection goes":                        {tail: away, by: system, act: chat.Away{Connection: ""}, want: nothing},
		"assigning":                                 {tail: queued, by: system, act: chat.Assign{Advisor: "b", Until: until}, status: chat.Assigned},
		"assigning from the front":                  {tail: front, by: system, act: chat.Assign{Advisor: "b", Until: until}, status: chat.Assigned},
		"assigning twice":                           {tail: offered, by: system, act: chat.Assign{Advisor: "b", Until: until}, want: code.Conflict},
		"assigning what has ended":                  {tail: ended, by: system, act: chat.Assign{Advisor: "b", Until: until}, want: code.Closed},
		"accepting":                                 {tail: offered, by: advisor, act: chat.Accept{}, status: chat.Assigned},
		"accepting late, but not too late":          {tail: offered, by: advisor, act: chat.Accept{}, after: offer + time.Second, status: chat.Assigned},
		"accepting again":                           {tail: talking, by: advisor, act: chat.Accept{}, want: nothing},
		"accepting as a citizen":                    {tail: offered, by: citizen, act: chat.Accept{}, want: code.Forbidden},
		"an offer is missed":                        {tail: offered, by: system, act: chat.Requeue{Reason: chat.OfferMissed, Advisor: "a"}, after: offer, status: chat.Queued},
		"but not before its time":                   {tail: offered, by: system, act: chat.Requeue{Reason: chat.OfferMissed, Advisor: "a"}, after: offer - 1, want: nothing},
		"nor after it was accepted":                 {tail: talking, by: system, act: chat.Requeue{Reason: chat.OfferMissed, Advisor: "a"}, after: offer, want: nothing},
		"nor another's offer":                       {tail: offered, by: system, act: chat.Requeue{Reason: chat.OfferMissed, Advisor: "b"}, after: offer, want: nothing},
		"the advisor is lost":                       {tail: talking, by: system, act: chat.Requeue{Reason: chat.AdvisorLost, Advisor: "a", Epoch: 5}, status: chat.Queued},
		"another advisor is lost":                   {tail: talking, by: system, act: chat.Requeue{Reason: chat.AdvisorLost, Advisor: "b", Epoch: 5}, want: nothing},
		"the advisor is lost while nobody is there": {tail: away, by: system, act: chat.Requeue{Reason: chat.AdvisorLost, Advisor: "a", Epoch: 5}, status: chat.Queued},
		"the advisor is back on a newer connection": {tail: talking, by: system, act: chat.Requeue{Reason: chat.AdvisorLost, Advisor: "a", Epoch: 4}, want: nothing},
		"the advisor has logged out":                {tail: talking, by: system, act: chat.Requeue{Reason: chat.AdvisorLeft, Advisor: "a", Epoch: 5}, status: chat.Queued},
		"assigning somebody who is away":            {tail: absent, by: system, act: chat.Assign{Advisor: "b", Until: until}, want: code.Conflict},
		"a ticket is called of somebody away":       {tail: absent, by: system, act: chat.Requeue{Reason: chat.Absent}, status: chat.Queued},
		"of somebody who is there":                  {tail: queued, by: system, act: chat.Requeue{Reason: chat.Absent}, want: nothing},
		"the advisor asks for an answer":            {tail: talking, by: advisor, act: chat.Expect{Within: time.Minute}, status: chat.Assigned},
		"and asks again":                            {tail: expecting, by: advisor, act: chat.Expect{Within: time.Minute}, want: nothing},
		"the citizen asks for one":                  {tail: talking, by: citizen, act: chat.Expect{Within: time.Minute}, want: code.Forbidden},
		"asking before accepting":                   {tail: offered, by: advisor, act: chat.Expect{Within: time.Minute}, want: code.Conflict},
		"nobody is free after the call":             {tail: queued, by: system, act: chat.Requeue{Reason: chat.NobodyFree}, status: chat.Queued},
		"who is at the front stays there":           {tail: front, by: system, act: chat.Requeue{Reason: chat.NobodyFree}, want: nothing},
		"a transfer":                                {tail: talking, by: advisor, act: chat.Transfer{To: "b"}, status: chat.Queued},
		"a transfer before accepting":               {tail: offered, by: advisor, act: chat.Transfer{To: "b"}, want: code.Conflict},
		"a transfer while the citizen is away":      {tail: away, by: advisor, act: chat.Transfer{To: "b"}, want: code.Conflict},
		"a transfer to oneself":                     {tail: talking, by: advisor, act: chat.Transfer{To: "a"}, want: code.Invalid},
		"a transfer by the citizen":                 {tail: talking, by: citizen, act: chat.Transfer{}, want: code.Forbidden},
		"an escalation":                             {tail: talking, by: advisor, act: escalate("k"), status: chat.Assigned},
		"an escalation before accepting":            {tail: offered, by: advisor, act: escalate("k"), want: code.Conflict},
		"an escalation about another case":          {tail: talking, by: advisor, act: escalate("l"), want: code.Invalid},
		"a second escalation":                       {tail: escalated, by: advisor, act: escalate("k"), want: code.Conflict},
		"closing":                                   {tail: talking, by: advisor, act: chat.Close{Outcome: chat.Settled}, status: chat.StatusEnded},
		"closing before accepting":                  {tail: offered, by: advisor, act: chat.Close{Outcome: chat.Settled}, want: code.Conflict},
		"closing while the citizen is away":         {tail: away, by: advisor, act: chat.Close{Outcome: chat.NoAnswer}, status: chat.StatusEnded},
		"closing as what it is not":                 {tail: escalated, by: advisor, act: chat.Close{Outcome: chat.Settled}, want: code.Conflict},
		"closing as escalated":                      {tail: escalated, by: advisor, act: chat.Close{Outcome: chat.Escalated}, status: chat.StatusEnded},
		"closing as escalated without escalation":   {tail: talking, by: advisor, act: chat.Close{Outcome: chat.Escalated}, want: code.Conflict},
		"closing as not served":                     {tail: talking, by: advisor, act: chat.Close{Outcome: chat.NotServed}, want: code.Invalid},
		"closing again":                             {tail: ended, by: advisor, act: chat.Close{Outcome: chat.Settled}, want: nothing},
		"closing again otherwise":                   {tail: ended, by: advisor, act: chat.Close{Outcome: chat.NoAnswer}, want: code.Closed},
		"leaving the queue":                         {tail: queued, by: citizen, act: chat.Leave{}, status: chat.StatusEnded},
		"leaving again":                             {tail: ended, by: citizen, act: chat.Leave{}, want: nothing},
		"leaving as the advisor":                    {tail: talking, by: advisor, act: chat.Leave{}, want: code.Forbidden},
		"away too long":                             {tail: away, by: system, act: chat.Expire{Reason: chat.AwayTooLong}, status: chat.StatusEnded},
		"back in time":                              {tail: talking, by: system, act: chat.Expire{Reason: chat.AwayTooLong}, want: nothing},
		"waiting, and there":                        {tail: queued, by: system, act: chat.Expire{Reason: chat.AwayTooLong}, want: nothing},
		"idle":                                      {tail: expecting, by: system, act: chat.Expire{Reason: chat.IdleTooLong}, after: offer, status: chat.StatusEnded},
		"silent, but there is time to answer":       {tail: expecting, by: system, act: chat.Expire{Reason: chat.IdleTooLong}, after: offer - 1, want: nothing},
		"silent while it is the advisor's turn":     {tail: talking, by: system, act: chat.Expire{Reason: chat.IdleTooLong}, after: time.Hour, want: nothing},
		"idle, but not yet accepted":                {tail: offered, by: system, act: chat.Expire{Reason: chat.IdleTooLong}, want: nothing},
		"waiting when the desk closes":              {tail: queued, by: system, act: chat.Expire{Reason: chat.DeskClosed}, status: chat.StatusEnded},
		"talking when the desk closes":              {tail: talking, by: system, act: chat.Expire{Reason: chat.DeskClosed}, want: nothing},
		"a stranger":                                {tail: talking, by: chat.Actor{Side: identity.SideCitizen, ID: "q", Epoch: 9}, act: call(4, "y"), want: code.NotFound},
		"an advisor while it is queued":             {tail: queued, by: advisor, act: chat.Accept{}, want: code.NotFound},
		"somebody without an id":                    {tail: queued, by: chat.Actor{Side: identity.SideAdvisor, Epoch: 9}, act: chat.Accept{}, want: code.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			next, v := chat.Decide(test.tail, chat.Command{At: opening.Add(test.after), By: test.by, Act: test.act})
			got := v.Err
			switch {
			case v.Append && v.Err == "":
				same(t, "status", next.State.Status, test.status)
				same(t, "number", next.Seq, test.tail.Seq+1)
			case v.Err == "" && v.Seq == test.tail.State.Citizen.Seq:
				got = again
			case v.Err == "":
				got = nothing
			}
			same(t, "refused as", got, test.want)
		})
	}
}

// digest is what a party's state keeps of a text.
func digest(t *testing.T, text chat.Text) uint64 {
	t.Helper()
	by := chat.Actor{Side: identity.SideCitizen, ID: "p", Epoch: 1}
	first := chat.Join(chat.Command{By: by}, chat.Ticket{Topic: chat.WorkerCase, N: 1}, chat.Profile{}, "", nil)
	next, _ := chat.Decide(first, chat.Command{By: by, Act: chat.Send{Number: 1, Text: text}})
	return next.State.Citizen.Digest
}

// TestProgress: news come once, in order, and nothing comes after the end.
func TestProgress(t *testing.T) {
	tail := func(status chat.Status, p chat.EscalationProgress) chat.Entry {
		return chat.Entry{Conversation: "c", Seq: 9, State: chat.State{Status: status, Escalation: "e", Progress: p}}
	}
	talking := tail(chat.Assigned, chat.EscalationProgress{Step: 2})
	ended := tail(chat.StatusEnded, chat.EscalationProgress{Step: 2})
	late := tail(chat.StatusEnded, chat.EscalationProgress{Step: 2, Late: true})
	final := tail(chat.StatusEnded, chat.EscalationProgress{Step: 3, Final: true})
	unsent := tail(chat.Assigned, chat.EscalationProgress{})
	is := func(step int, status chat.EscalationStatus) chat.Escalation {
		return chat.Escalation{ID: "e", Step: step, Status: status}
	}
	other := is(3, chat.EscalationTaken)
	other.ID = "f"
	overdue := func(step int) chat.Escalation {
		e := is(step, chat.EscalationTaken)
		e.Overdue = true
		return e
	}
	for name, test := range map[string]struct {
		tail   chat.Entry
		act    chat.Progress
		stored bool
	}{
		"the next step":                        {talking, chat.Progress{Escalation: is(3, chat.EscalationSettled)}, true},
		"the next step after the end":          {ended, chat.Progress{Escalation: is(3, chat.EscalationTaken)}, true},
		"the same step again":                  {ended, chat.Progress{Escalation: is(2, chat.EscalationTaken)}, false},
		"an older step":                        {ended, chat.Progress{Escalation: is(1, chat.EscalationDelivered)}, false},
		"a step after the last":                {final, chat.Progress{Escalation: is(4, chat.EscalationTaken)}, false},
		"a step of another escalation":         {ended, chat.Progress{Escalation: other}, false},
		"late":                                 {ended, chat.Progress{Escalation: overdue(2), Reason: chat.OfficeLate}, true},
		"late again":                           {late, chat.Progress{Escalation: overdue(2), Reason: chat.OfficeLate}, false},
		"late, by who does not know the step":  {ended, chat.Progress{Escalation: overdue(1), Reason: chat.OfficeLate}, false},
		"late after the end":                   {final, chat.Progress{Escalation: overdue(3), Reason: chat.OfficeLate}, false},
		"refused":                              {unsent, chat.Progress{Escalation: is(0, chat.EscalationFailed), Reason: chat.OfficeRefused}, true},
		"refused, although it was delivered":   {ended, chat.Progress{Escalation: is(0, chat.EscalationFailed), Reason: chat.OfficeRefused}, false},
		"a step by who does not know the late": {late, chat.Progress{Escalation: is(3, chat.EscalationTaken)}, true},
	} {
		next, v := chat.Decide(test.tail, chat.Command{By: chat.Actor{Side: identity.SideSystem}, Act: test.act})
		if v.Err != "" || v.Append != test.stored {
			t.Errorf("%s: %+v", name, v)
			continue
		}
		if !test.stored {
			continue
		}
		same(t, name+": status of the conversation", next.State.Status, test.tail.State.Status)
		same(t, name+": step", next.State.Progress.Step, test.act.Escalation.Step)
		wasLate := test.tail.State.Progress.Late || test.act.Escalation.Overdue
		same(t, name+": late", [2]bool{next.State.Progress.Late, next.Escalation.Overdue}, [2]bool{wasLate, wasLate})
		same(t, name+": final", next.State.Progress.Final, test.act.Escalation.Status.Final())
	}
}
