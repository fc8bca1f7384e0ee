package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/hours"
	"infocig/shared/http/portal"
	"infocig/shared/identity"
)

// TestAPreviewIsWhatJoiningAnswers checks that in every minute, and for any province of a
// token, the preview says what a citizen is told who joins then and finds no queue.
func TestAPreviewIsWhatJoiningAnswers(t *testing.T) {
	policy, err := store.DeskRules{}.Policy()
	if err != nil {
		t.Fatal(err)
	}
	var seconds []int // after 14:40: each minute, and more of those before closing
	for s := 0; s <= 205*60; s += 60 {
		seconds = append(seconds, s)
	}
	for s := 190 * 60; s <= 201*60; s += 5 {
		seconds = append(seconds, s)
	}
	inHours := time.Date(2026, 11, 26, 15, 0, 0, 0, hours.Rome())
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(inHours.AddDate(-5, -6, 0).Unix(), inHours.AddDate(1, 0, 0).Unix()).Draw(t, "instant"), 0).UTC()
		if rapid.Bool().Draw(t, "on an afternoon") {
			day := at.In(hours.Rome())
			at = time.Date(day.Year(), day.Month(), day.Day(), 14, 40, rapid.SampledFrom(seconds).Draw(t, "second"), 0, hours.Rome()).UTC()
		}
		desk := &desk.Desk{
			Times: desk.DefaultTimes, Now: func() time.Time { return at },
			Policy: func(context.Context) (admission.Policy, error) { return policy, nil },
		}
		province := rapid.OneOf(
			rapid.SampledFrom([]string{"RM", "MI", "NA", "SU", "OT", "OG", "VS", "CI", "EE", "", "rm", " RM ", "Roma", "QZ", "\x00", "—"}), rapid.String(),
		).Draw(t, "province")
		claims := portal.Claims{Door: portal.MyINPS, FiscalNumber: "FRRGLN84C52Z999T", IDP: "cie", ResidenceProvince: province}
		query := url.Values{"audience": {"worker"}, "province": {province}, "at": {at.Format(time.RFC3339)}}
		role := rapid.SampledFrom([]string{"", "owner", "legal_representative", "consultant", "employee"}).Draw(t, "role")
		if role != "" {
			claims.Door, claims.Role, claims.CompanyFiscalCode, claims.RegisteredOfficeProvince = portal.Cassetto, role, "99999010152", province
			query.Set("audience", "employer")
			query.Set("role", role)
		}
		if province == "" && rapid.Bool().Draw(t, "absent") {
			query.Del("province")
		}
		a := &API{Desk: desk}
		who, err := claims.Citizen(identity.Pseudonym{}, "")
		if err != nil {
			t.Fatal(err)
		}
		who.CompanyName = ""                                                                                                               // a preview is of no company
		joining, err := desk.Admit(t.Context(), conversation.Caller{Identity: who}, queue.Line{Figures: queue.Figures{Slots: 1, Free: 1}}) // somebody serves
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		if err := a.availability(w, httptest.NewRequest(http.MethodGet, "/v1/availability?"+query.Encode(), http.NoBody)); err != nil {
			t.Fatalf("%v: %v", query, err)
		}
		var preview admission.Answer
		if err := json.Unmarshal(w.Body.Bytes(), &preview); err != nil {
			t.Fatal(err)
		}
		joining.Low, joining.High = 0, 0 // a preview promises nothing
		want := joining.Answer("")
		if d := cmp.Diff(want, preview); d != "" {
			t.Errorf("%v (-joining +preview):\n%s", query, d)
		}
		if national := at.After(time.Date(2023, 5, 22, 0, 0, 0, 0, hours.Rome())); national && preview.State == admission.NotYet {
			t.Errorf("%v: nationwide, but not for %q", query, province)
		}
	})
}
