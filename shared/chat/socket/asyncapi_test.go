package socket

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
	"infocig/shared/redact"
)

// document is the part of asyncapi.yaml that the tests need.
type document struct {
	Channels struct {
		Socket struct{ Messages map[string]any }
	}
	Operations struct {
		Receive, Send struct{ Messages []map[string]string }
	}
	Components struct {
		Messages map[string]struct {
			Name        string
			Side        string          `yaml:"x-side"`
			Kinds       []string        `yaml:"x-kinds"`
			Pace        *documentedPace `yaml:"x-pace"`
			PaceCitizen *documentedPace `yaml:"x-pace-citizen"`
			PaceAdvisor *documentedPace `yaml:"x-pace-advisor"`
		}
		Schemas map[string]schema
	}
}

// documentedPace is the form in which an action's pace is written.
type documentedPace struct {
	Burst   int
	EveryMS int64 `yaml:"every_ms"`
	Of      string
}

func (p *documentedPace) pace() conversation.Pace {
	if p == nil {
		return conversation.Pace{}
	}
	return conversation.Pace{Burst: p.Burst, Every: time.Duration(p.EveryMS) * time.Millisecond}
}

type schema struct {
	Required   []string
	Properties map[string]map[string]string
	Enum       []string
}

func spec(t *testing.T) document {
	t.Helper()
	var d document
	if err := yaml.Unmarshal(AsyncAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-document +code):\n%s", what, d)
	}
}

// named returns the document's names with a prefix, without the prefix.
func named[V any](m map[string]V, prefix string) []string {
	var names []string
	for name := range m {
		if n, ok := strings.CutPrefix(name, prefix); ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// fields returns the JSON names of a struct's fields, and the names of the fields that are
// always there.
func fields(t reflect.Type) (all, required []string) {
	for f := range t.Fields() {
		if f.Anonymous {
			a, r := fields(f.Type)
			all, required = append(all, a...), append(required, r...)
			continue
		}
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		all = append(all, name)
		if opts == "" {
			required = append(required, name)
		}
	}
	slices.Sort(all)
	slices.Sort(required)
	return all, required
}

// frames are the structs that actions decode to.
var frames = map[string]reflect.Type{
	"hello": reflect.TypeFor[hello](), "join": reflect.TypeFor[join](), "send": reflect.TypeFor[send](), "note": reflect.TypeFor[send](),
	"typing": reflect.TypeFor[about](), "leave": reflect.TypeFor[leave](), "ask": reflect.TypeFor[about](), "accept": reflect.TypeFor[about](), "read": reflect.TypeFor[read](),
	"ping": reflect.TypeFor[ping](), "here": reflect.TypeFor[here](), "presence": reflect.TypeFor[presence](), "transfer": reflect.TypeFor[transfer](),
	"escalate": reflect.TypeFor[escalate](), "close": reflect.TypeFor[closing](),
}

func TestActionsAreDocumented(t *testing.T) {
	d := spec(t)
	code := slices.Sorted(maps.Keys(actions))
	same(t, "actions", code, named(d.Components.Schemas, "up_"))
	same(t, "messages", code, named(d.Components.Messages, "up_"))
	same(t, "messages of the channel", code, named(d.Channels.Socket.Messages, "up_"))
	same(t, "messages received", len(code), len(d.Operations.Receive.Messages))
	for name, act := range actions {
		side := string(act.side)
		if side == "" {
			side = "both"
		}
		same(t, "side of "+name, side, d.Components.Messages["up_"+name].Side)
		all, required := fields(frames[name])
		s := d.Components.Schemas["up_"+name]
		same(t, "fields of "+name, all, slices.Sorted(maps.Keys(s.Properties)))
		slices.Sort(s.Required)
		same(t, "required fields of "+name, required, s.Required)
	}
}

func TestPacesAreDocumented(t *testing.T) {
	d := spec(t)
	for name, act := range actions {
		m := d.Components.Messages["up_"+name]
		same(t, "pace of "+name, act.pace, m.Pace.pace())
		if name != "send" {
			continue
		}
		same(t, "of a citizen", desk.DefaultTimes.CitizenPace, m.PaceCitizen.pace())
		same(t, "of an advisor", desk.DefaultTimes.AdvisorPace, m.PaceAdvisor.pace())
	}
	text := string(AsyncAPI)
	for what, words := range map[string]string{
		"joining":   fmt.Sprintf("Tickets: %d at once, then one in %.0f seconds.", desk.DefaultTimes.JoinPace.Burst, desk.DefaultTimes.JoinPace.Every.Seconds()),
		"tickets":   fmt.Sprintf("%d in ten minutes for each person", store.MaxPasses),
		"resending": fmt.Sprintf("among the last %d entries", desk.Recent),
		"frames":    "more than 16 KB (16,384 bytes",
	} {
		if !strings.Contains(text, words) {
			t.Errorf("%s: the document does not say %q", what, words)
		}
	}
	same(t, "bytes of a frame", MaxFrame, 16384)
}

// TestKindsAreDocumented checks which event pushes which kind of entry.
func TestKindsAreDocumented(t *testing.T) {
	d := spec(t)
	got := map[conversation.Kind]string{}
	for name, m := range d.Components.Messages {
		for _, kind := range m.Kinds {
			got[conversation.Kind(kind)] = strings.TrimPrefix(name, "down_")
		}
	}
	same(t, "events of kinds", eventNames, got)
}

func TestEventsAreDocumented(t *testing.T) {
	d := spec(t)
	documented := named(d.Components.Schemas, "down_")
	same(t, "messages", named(d.Components.Messages, "down_"), documented)
	same(t, "messages sent", len(d.Operations.Send.Messages), len(documented))
	union := map[string]bool{}
	for _, name := range documented {
		for field := range d.Components.Schemas["down_"+name].Properties {
			union[field] = true
		}
	}
	all, _ := fields(reflect.TypeFor[event]())
	same(t, "fields of all events", all, slices.Sorted(maps.Keys(union)))
	for _, name := range eventNames {
		if !slices.Contains(documented, name) {
			t.Errorf("event %s is not documented", name)
		}
	}
	for name, structure := range map[string]reflect.Type{
		"You": reflect.TypeFor[you](), "Elsewhere": reflect.TypeFor[elsewhere](), "Limits": reflect.TypeFor[limits](), "Duty": reflect.TypeFor[duty](), "Closing": reflect.TypeFor[notice](), "Wait": reflect.TypeFor[wait](), "Snapshot": reflect.TypeFor[snapshot](),
		"Item": reflect.TypeFor[item](), "Citizen": reflect.TypeFor[citizen](), "Escalation": reflect.TypeFor[escalation](),
		"Decision": reflect.TypeFor[admission.Answer](), "Channel": reflect.TypeFor[admission.Channel](),
	} {
		all, required := fields(structure)
		s := d.Components.Schemas[name]
		same(t, "fields of "+name, all, slices.Sorted(maps.Keys(s.Properties)))
		slices.Sort(s.Required)
		same(t, "required fields of "+name, required, s.Required)
	}
}

func TestCodesAreDocumented(t *testing.T) {
	d := spec(t)
	text := func(all any) []string {
		var names []string
		for v := range reflect.ValueOf(all).Seq2() {
			names = append(names, reflect.ValueOf(all).Index(int(v.Int())).String())
		}
		return names
	}
	for name, code := range map[string]any{
		"Code": code.Codes, "Topic": queue.Topics,
		"Status":   []conversation.Status{conversation.Queued, conversation.Assigned, conversation.CitizenAway, conversation.StatusEnded},
		"Outcome":  []conversation.Outcome{conversation.Settled, conversation.Escalated, conversation.Abandoned, conversation.NoAnswer, conversation.NotServed},
		"Side":     []identity.Side{identity.SideCitizen, identity.SideAdvisor, identity.SideSystem},
		"Presence": []conversation.Presence{conversation.Available, conversation.Paused},
		"Reason": []conversation.Reason{
			conversation.OfferMissed, conversation.AdvisorLost, conversation.NobodyFree, conversation.Disconnected, conversation.LeaseExpired, conversation.Unreachable, conversation.LeftByCitizen,
			conversation.ByAdvisor, conversation.IdleTooLong, conversation.AwayTooLong, conversation.DeskClosed, conversation.TicketSkipped, conversation.Reordered, conversation.HasSlip, conversation.Silent,
			conversation.OfficeLate, conversation.OfficeRefused, conversation.AdvisorLeft, conversation.Absent,
		},
		"Kind": slices.Sorted(maps.Keys(eventNames)),
		"EscalationStatus": []conversation.EscalationStatus{
			conversation.EscalationPending, conversation.EscalationQueued, conversation.EscalationDelivered, conversation.EscalationTaken, conversation.EscalationNeeds,
			conversation.EscalationSettled, conversation.EscalationRejected, conversation.EscalationFailed,
		},
		"HiddenKind": []redact.Kind{redact.IBAN, redact.Card},
		"DecisionState": []admission.State{
			admission.Open, admission.Busy, admission.Full, admission.Closed, admission.NotYet, admission.NotAdmitted, admission.LoginTooWeak, admission.Fault,
		},
	} {
		want := d.Components.Schemas[name].Enum
		got := text(code)
		slices.Sort(want)
		slices.Sort(got)
		same(t, name, got, want)
	}
}

// valid fails the test unless a frame matches its schema.
func valid(t testing.TB, direction string, frame []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(frame)))
	if err != nil {
		t.Fatal(err)
	}
	kind := "event"
	if direction == "up" {
		kind = "action"
	}
	name := fmt.Sprint(v.(map[string]any)[kind])
	if err := schemaOf(t, direction+"_"+name).Validate(v); err != nil {
		t.Errorf("%s\nis not as documented: %v", frame, err)
	}
}

// schemas has the schemas that were needed so far, each compiled once.
var schemas sync.Map

func schemaOf(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	if s, ok := schemas.Load(name); ok {
		return s.(*jsonschema.Schema)
	}
	var raw any
	if err := yaml.Unmarshal(AsyncAPI, &raw); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("asyncapi.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("asyncapi.json#/components/schemas/" + name)
	if err != nil {
		t.Fatal(err)
	}
	schemas.Store(name, s)
	return s
}
