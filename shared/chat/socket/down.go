package socket

import (
	"math"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/identity"
	"infocig/shared/office"
	"infocig/shared/redact"
)

// An event is a frame that the service sends. Re is the id of the frame that it answers; an
// event without Re was pushed. asyncapi.yaml has the names and their meaning.
type event struct {
	Event        string               `json:"event"`
	Re           *int                 `json:"re,omitzero"`
	Conversation queue.ConversationID `json:"conversation,omitzero"`
	Status       conversation.Status  `json:"status,omitzero"`
	Seq          int                  `json:"seq,omitzero"`
	Number       int                  `json:"number,omitzero"`
	Item         *item                `json:"item,omitzero"`
	Hidden       []redact.Kind        `json:"hidden,omitzero"` // kinds of numbers hidden in the sender's text
	place

	Closing *notice `json:"closing,omitzero"` // also with welcome and queued

	// welcome
	At         time.Time      `json:"at,omitzero"`
	HeartbeatS int            `json:"heartbeat_s,omitzero"`
	Limits     *limits        `json:"limits,omitzero"`
	You        *you           `json:"you,omitzero"`
	Duty       *duty          `json:"duty,omitzero"`
	Queues     []desk.InQueue `json:"queues,omitzero"`
	Snapshot   *snapshot      `json:"snapshot,omitzero"` // also with queued, as the answer to join
	Snapshots  []snapshot     `json:"snapshots,omitzero"`
	Elsewhere  *elsewhere     `json:"elsewhere,omitzero"` // also with an error

	// refused
	Decision *admission.Answer `json:"decision,omitzero"`

	// error
	Code      code.Code `json:"code,omitzero"`
	Text      string    `json:"text,omitzero"`
	Retry     *bool     `json:"retry,omitzero"`
	AfterMS   int       `json:"after_ms,omitzero"`  // with throttled
	Character string    `json:"character,omitzero"` // with invalid: the character that no text may have, such as U+0007

	// bye
	Reason    string `json:"reason,omitzero"`
	Reconnect *bool  `json:"reconnect,omitzero"`
}

// A notice tells of the closing.
type notice struct {
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitzero"`
}

func noticeOf(c *desk.Closing) *notice {
	if c == nil {
		return nil
	}
	return &notice{At: c.At, Until: c.Until, Reason: c.Reason}
}

// elsewhere names the company for which the person has a live conversation.
type elsewhere struct {
	ID      identity.CompanyID `json:"id"`
	Company string             `json:"company"` // its name
}

type you struct {
	Side identity.Side `json:"side"`
	Name string        `json:"name"`
}

type limits struct {
	KeepPlaceS int `json:"keep_place_s"`
	IdleS      int `json:"idle_s"`
}

type duty struct {
	Presence conversation.Presence `json:"presence"`
	Capacity int                   `json:"capacity"`
	Topics   []queue.Topic         `json:"topics"`
	Why      conversation.Reason   `json:"why,omitzero"` // why the service has changed the presence, if it has
}

type wait struct {
	LowS  int `json:"low_s"`
	HighS int `json:"high_s"`
}

// A snapshot is a conversation as one side sees it, with a page of its entries.
type snapshot struct {
	Conversation queue.ConversationID `json:"conversation"`
	Status       conversation.Status  `json:"status"`
	Topic        queue.Topic          `json:"topic"`
	Seq          int                  `json:"seq"`                  // of the last entry
	Number       int                  `json:"number"`               // the last client number of this side
	NoteNumber   int                  `json:"note_number,omitzero"` // for the advisor: the number of the advisor's last note
	Accepted     bool                 `json:"accepted,omitzero"`
	OfferUntil   *time.Time           `json:"offer_until,omitzero"`
	AnswerUntil  *time.Time           `json:"answer_until,omitzero"` // of the citizen
	Aside        bool                 `json:"aside,omitzero"`
	Outcome      conversation.Outcome `json:"outcome,omitzero"`
	Cases        []cases.ID           `json:"cases,omitzero"`
	Entries      []item               `json:"entries,omitzero"`
	More         bool                 `json:"more,omitzero"` // there are entries after the last of entries: ask for them
	place
}

// A place is the position of a citizen who waits.
type place struct {
	Ahead      *int      `json:"ahead,omitzero"`
	Wait       *wait     `json:"wait,omitzero"`
	OpensAt    time.Time `json:"opens_at,omitzero"`   // while the desk is not open yet
	Unattended bool      `json:"unattended,omitzero"` // no advisor serves the topic now
	Unlikely   bool      `json:"unlikely,omitzero"`   // the citizen is probably not served any more today
}

// An item is an entry as one side sees it.
type item struct {
	Seq         int                  `json:"seq"`
	Kind        conversation.Kind    `json:"kind"`
	At          time.Time            `json:"at"`
	By          identity.Side        `json:"by"`
	Name        string               `json:"name,omitzero"`
	Number      int                  `json:"number,omitzero"`
	Text        string               `json:"text,omitzero"`
	Reason      conversation.Reason  `json:"reason,omitzero"`
	Outcome     conversation.Outcome `json:"outcome,omitzero"`
	OpensAt     *time.Time           `json:"opens_at,omitzero"` // with the reason desk_closed
	OfferUntil  *time.Time           `json:"offer_until,omitzero"`
	AnswerUntil *time.Time           `json:"answer_until,omitzero"` // to the citizen, with asked
	Citizen     *citizen             `json:"citizen,omitzero"`      // to the advisor, in entry 1
	Escalation  *escalation          `json:"escalation,omitzero"`   // its text to the advisor only
}

type citizen struct {
	Name     string `json:"name"`
	Role     string `json:"role"`
	Province string `json:"province"`
	Company  string `json:"company,omitzero"`
}

type escalation struct {
	ID       conversation.EscalationID     `json:"id"`
	Case     cases.ID                      `json:"case"`
	Office   office.ID                     `json:"office"`
	Status   conversation.EscalationStatus `json:"status"`
	SentAt   time.Time                     `json:"sent_at"`
	Text     string                        `json:"text,omitzero"` // what the office was told, to the advisor only
	Protocol string                        `json:"protocol,omitzero"`
	DueAt    time.Time                     `json:"due_at,omitzero"`
	Overdue  bool                          `json:"overdue,omitzero"`
}

func escalationOf(e *conversation.Escalation) *escalation {
	return &escalation{
		ID: e.ID, Case: e.Case, Office: e.Office, Status: e.Status, SentAt: e.At, Protocol: e.Protocol, DueAt: e.Due, Overdue: e.Overdue,
	}
}

// itemFor returns e as side sees it, never with connections, epochs or pseudonyms. The citizen
// does not see which advisor missed an offer, nor what the office was told.
func itemFor(e conversation.Entry, side identity.Side) item {
	it := item{Seq: e.Seq, Kind: e.Kind, At: e.At, By: e.By, Name: e.Name, Number: e.Number, Text: string(e.Text), Reason: e.Reason}
	toAdvisor := side == identity.SideAdvisor
	switch e.Kind {
	case conversation.KindJoined:
		if p := e.Profile; p != nil && toAdvisor {
			it.Citizen = &citizen{Name: p.Name, Role: p.Role, Province: p.Province, Company: p.CompanyName}
		}
	case conversation.KindAssigned:
		it.OfferUntil = e.State.OfferUntil
		if !toAdvisor {
			it.Name, it.OfferUntil = "", nil
		}
	case conversation.KindAsked:
		if !toAdvisor {
			it.AnswerUntil = e.State.AnswerUntil
		}
	case conversation.KindEscalated:
		it.Escalation, it.Text = escalationOf(e.Escalation), ""
		if toAdvisor {
			it.Escalation.Text = string(e.Text)
		}
	case conversation.KindProgressed:
		it.Escalation = escalationOf(e.Escalation)
	case conversation.KindClosed:
		it.Outcome, it.OpensAt = e.State.Outcome, e.Opens
	}
	return it
}

// snapshotFor returns a conversation as side sees it.
func snapshotFor(v desk.View, side identity.Side) snapshot {
	st := v.Last.State
	s := snapshot{
		Conversation: v.Last.Conversation, Status: st.Status, Topic: st.Topic, Seq: v.Last.Seq, Number: st.Citizen.Number,
		Accepted: st.Accepted(), Outcome: st.Outcome,
	}
	if side == identity.SideCitizen {
		s.AnswerUntil, s.Aside = st.AnswerUntil, st.Aside
	} else {
		s.Number, s.NoteNumber, s.OfferUntil = st.Advisor.Number, v.Noted, st.OfferUntil
		for _, c := range st.Cases {
			s.Cases = append(s.Cases, c.ID)
		}
	}
	size := 0
	for _, e := range v.Entries {
		if size += len(e.Text) + entryOverhead; size > maxEntriesBytes && len(s.Entries) > 0 {
			v.More = true
			break
		}
		s.Entries = append(s.Entries, itemFor(e, side))
	}
	s.More = v.More
	s.place = placeOf(v.Last, v.Position)
	return s
}

// Limits of a snapshot's entries, in bytes. A frame of the gateway has 32 KB, and JSON may
// need twice the bytes of a text.
const (
	maxEntriesBytes = 14 << 10
	entryOverhead   = 300
)

// placeOf returns the position of a conversation. It is zero unless the conversation is
// queued.
func placeOf(last conversation.Entry, p desk.Position) place {
	if last.State.Status != conversation.Queued || p.Conversation == "" {
		return place{}
	}
	return standing(p)
}

func standing(p desk.Position) place {
	return place{Ahead: &p.Ahead, Wait: waitOf(p), OpensAt: p.Opens, Unattended: p.Unattended, Unlikely: p.Unlikely}
}

func waitOf(p desk.Position) *wait {
	if !p.WaitKnown {
		return nil
	}
	s := func(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
	return &wait{LowS: s(p.Low), HighS: s(p.High)}
}

// eventNames are the names of the events that push new entries, by the kind of the entry.
var eventNames = map[conversation.Kind]string{
	conversation.KindJoined:      "queued",
	conversation.KindAssigned:    "offered",
	conversation.KindAccepted:    "assigned",
	conversation.KindMessage:     "message",
	conversation.KindConnected:   "presence",
	conversation.KindAway:        "presence",
	conversation.KindRequeued:    "queued",
	conversation.KindAsked:       "asked",
	conversation.KindAside:       "aside",
	conversation.KindHere:        "presence",
	conversation.KindTransferred: "queued",
	conversation.KindEscalated:   "escalation",
	conversation.KindProgressed:  "escalation",
	conversation.KindClosed:      "ended",
}
