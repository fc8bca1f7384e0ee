package store

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
	"infocig/shared/table"
	"infocig/shared/table/tabletest"
)

// fill sets every field under v to a value that is not zero.
func fill(v reflect.Value, n *int64) {
	*n++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.UnixMilli(1<<41 + *n).UTC()))
		return
	case v.Type() == reflect.TypeFor[uint64]():
		v.SetUint(^uint64(*n))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("è", int(*n)))
	case reflect.Uint8:
		v.SetUint(7)
	case reflect.Int, reflect.Int64:
		v.SetInt(*n)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("cannot fill " + v.Type().String())
	}
}

func TestEveryFieldOfAnEntryIsStored(t *testing.T) {
	var want conversation.Entry
	var n int64
	fill(reflect.ValueOf(&want).Elem(), &n)
	for name, change := range map[string]func(*conversation.Entry){
		"all": func(*conversation.Entry) {},
		"all alike": func(e *conversation.Entry) {
			e.State.Ticket.Topic = e.State.Topic
			e.Author = identity.StaffID(e.State.Advisor.ID)
			e.Profile = &conversation.Profile{Person: identity.PersonID(e.State.Citizen.ID)}
			e.Escalation = &conversation.Escalation{ID: e.State.Escalation, Conversation: e.Conversation, Person: identity.PersonID(e.State.Citizen.ID)}
		},
		"nobody has it":        func(e *conversation.Entry) { e.State.Advisor, e.Author = conversation.Party{}, "" },
		"nothing but a number": func(e *conversation.Entry) { *e = conversation.Entry{Conversation: "c", Seq: 1} },
		"no ticket":            func(e *conversation.Entry) { e.State.Ticket = queue.Ticket{} },
	} {
		t.Run(name, func(t *testing.T) {
			e := want
			change(&e)
			it, err := table.Pack(func(f *table.Fields) { entryFields(f, &e) })
			if err != nil {
				t.Fatal(err)
			}
			got, err := entryOf(e.Conversation, table.Row{Sort: seqKey(e.Seq), Item: it})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(e, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestWhatDoesNotFitIsAnError(t *testing.T) {
	for name, v := range map[string]table.Value{
		"n": table.StringOf("x"), "x": table.Int(1), "e": table.StringOf("x"), "t": table.Uint(1 << 63), "p": table.StringOf("{"), "v": table.StringOf("{"),
		"s": table.MapOf(table.Item{{Name: "k", Value: table.ListOf(table.Int(1))}, {Name: "c", Value: table.Int(1)}}),
	} {
		if _, err := entryOf("c", table.Row{Sort: seqKey(1), Item: table.Item{{Name: name, Value: v}}}); err == nil {
			t.Errorf("attribute %s = %v is accepted", name, v)
		}
	}
	if _, err := entryOf("c", table.Row{Sort: "x"}); err == nil {
		t.Error("x is no number")
	}
}

const unit = 1024 // of a write

// usual returns an entry by an advisor in a long conversation, with ids as long as in
// production.
func usual() conversation.Entry {
	at := time.Date(2026, 11, 23, 14, 0, 0, 123e6, time.UTC)
	t := queue.Ticket{Topic: queue.EmployerBenefits, N: 1_234_567}
	hash := strings.Repeat("0f", 16)
	return conversation.Entry{
		Conversation: t.Conversation(), Seq: 120, Kind: conversation.KindMessage, At: at, By: identity.SideAdvisor,
		Author: "0f8fad5b-d9cb-469f-a165-70867728950e", Name: "Maria Antonietta Bianchi", Number: 60,
		State: conversation.State{
			Status: conversation.Assigned, Topic: queue.EmployerBenefits, Ticket: t,
			Citizen: conversation.Party{ID: hash, Connection: "R1kmxc2VNjMCFIA=", Epoch: at.UnixMilli(), Number: 60, Seq: 119, Digest: 1<<64 - 1, At: at.UnixMilli()},
			Advisor: conversation.Party{ID: "0f8fad5b-d9cb-469f-a165-70867728950e", Connection: "R1kmxc2VNjMCFIA=", Epoch: at.UnixMilli(), Number: 60, Seq: 120, Digest: 1<<64 - 1, At: at.UnixMilli()},
			Last:    "9b2d5c7e-1a3f-4d60-8e21-33f0c4a1b7d9",
			Cases:   []cases.Ref{{ID: "CIGO-2026-0012345", Office: "RM-EUR"}},
		},
	}
}

func TestAnEntryCostsOneWriteUnit(t *testing.T) {
	text := conversation.Text(strings.Repeat("x", 600))
	for name, change := range map[string]func(*conversation.Entry){
		"message": func(e *conversation.Entry) { e.Text = text },
		"joined": func(e *conversation.Entry) {
			e.Text, e.Kind, e.Author, e.Name = text, conversation.KindJoined, "", ""
			e.State.Advisor, e.State.Last = conversation.Party{}, ""
			e.Profile = &conversation.Profile{
				Person: identity.PersonID(e.State.Citizen.ID), Name: "Maria Antonietta Bianchi", Role: "legal_representative", Province: "RM",
				Company: identity.CompanyID(e.State.Citizen.ID), CompanyName: "Officine Meccaniche Bianchi S.r.l.",
				Sealed: make([]byte, 45),
			}
		},
		"escalated": func(e *conversation.Entry) {
			e.Kind, e.State.Escalation = conversation.KindEscalated, "QWERTYUIOPASDFGHJKLZXCVBNM"
			e.Escalation = &conversation.Escalation{
				ID: e.State.Escalation, Conversation: e.Conversation, Case: "CIGO-2026-0012345", Office: "RM-EUR",
				Person: identity.PersonID(e.State.Citizen.ID), Seq: e.Seq, Advisor: identity.StaffID(e.State.Advisor.ID), Status: conversation.EscalationPending, At: e.At, Next: e.At,
			}
			e.Text = text[:450]
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := usual()
			change(&e)
			it, err := table.Pack(func(f *table.Fields) { entryFields(f, &e) })
			if err != nil {
				t.Fatal(err)
			}
			n := tabletest.Size(entryKey(e.Conversation, e.Seq), it)
			t.Logf("%d bytes, of which text %d", n, len(e.Text))
			if n > unit {
				t.Errorf("%d bytes, %d are too many", n, n-unit)
			}
		})
	}
}
