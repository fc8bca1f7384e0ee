package rollout_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"infocig/shared/chat/rollout"
	"infocig/shared/hours"
)

func plan(t testing.TB) rollout.Plan {
	t.Helper()
	p, err := rollout.Default()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func rome(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(time.DateTime, s, hours.Rome())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAt(t *testing.T) {
	const (
		worker, employer     = rollout.Worker, rollout.Employer
		live, dated, undated = rollout.Live, rollout.Dated, rollout.Undated
	)
	tests := map[string]struct {
		audience     rollout.Audience
		province     string
		at           string
		state        rollout.State
		phase        string
		from         rollout.Date
		experimental bool
	}{
		"RM three days before the start":           {worker, "RM", "2021-05-07 12:00:00", dated, "W1", "2021-05-10", true},
		"RM until midnight":                        {worker, "RM", "2021-05-09 23:59:59", dated, "W1", "2021-05-10", true},
		"RM from midnight on":                      {worker, "RM", "2021-05-10 00:00:00", live, "W1", "2021-05-10", true},
		"RM is no experiment once all Italy is in": {worker, "RM", "2022-01-31 00:00:00", live, "W3", "2022-01-31", false},
		"NA before anything":                       {worker, "NA", "2021-05-07 12:00:00", undated, "W2", "", true},
		"NA on the first day of RM":                {worker, "NA", "2021-05-10 12:00:00", undated, "W2", "", true},
		"NA at an unknown time":                    {worker, "NA", "2021-06-01 12:00:00", undated, "W2", "", true},
		"PA on the last unknown day":               {worker, "PA", "2022-01-30 23:59:59", undated, "W2", "", true},
		"NA with all Italy":                        {worker, "NA", "2022-01-31 00:00:00", live, "W3", "2022-01-31", false},
		"AO waits for all Italy":                   {worker, "AO", "2021-06-01 12:00:00", dated, "W3", "2022-01-31", false},
		"MI on the day of the announcement":        {employer, "MI", "2022-12-14 16:00:00", dated, "E1", "2022-12-15", true},
		"MI the day before the announcement":       {employer, "MI", "2022-12-13 16:00:00", undated, "", "", false},
		"MI starts":                                {employer, "MI", "2022-12-15 00:00:00", live, "E1", "2022-12-15", true},
		"MI is still an experiment in February":    {employer, "MI", "2023-02-13 16:00:00", live, "E1", "2022-12-15", true},
		"MI is no experiment once all Italy is in": {employer, "MI", "2023-05-22 00:00:00", live, "E3", "2023-05-22", false},
		"NA the day before message 520":            {employer, "NA", "2023-02-02 23:59:59", undated, "", "", false},
		"NA after message 520":                     {employer, "NA", "2023-02-03 00:00:00", dated, "E2", "2023-02-13", false},
		"NA starts":                                {employer, "NA", "2023-02-13 00:00:00", live, "E2", "2023-02-13", false},
		"BA before message 1605":                   {employer, "BA", "2023-02-13 16:00:00", undated, "", "", false},
		"BA after message 1605":                    {employer, "BA", "2023-05-04 16:00:00", dated, "E3", "2023-05-22", false},
		"BA starts":                                {employer, "BA", "2023-05-22 00:00:00", live, "E3", "2023-05-22", false},
		"SU is not shut out by the reform of 2026": {worker, "SU", "2026-06-01 16:00:00", live, "W3", "2022-01-31", false},
		"abroad, nationwide":                       {worker, "EE", "2023-06-01 16:00:00", live, "W3", "2022-01-31", false},
		"no province, nationwide":                  {worker, "", "2023-06-01 16:00:00", live, "W3", "2022-01-31", false},
		"a province that is not listed":            {employer, "QZ", "2026-06-01 16:00:00", live, "E3", "2023-05-22", false},
		"abolished, nationwide":                    {employer, "OT", "2026-06-01 16:00:00", live, "E3", "2023-05-22", false},
		"lower case and blanks":                    {worker, " rm ", "2021-06-01 16:00:00", live, "W1", "2021-05-10", true},
		"no province, before that":                 {employer, "", "2023-05-04 16:00:00", dated, "E3", "2023-05-22", false},
		"abroad, before anything was announced":    {employer, "EE", "2022-12-16 16:00:00", undated, "", "", false},
		"unknown audience":                         {"press", "RM", "2023-06-01 16:00:00", undated, "", "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := plan(t).At(tt.audience, tt.province, rome(t, tt.at))
			if got.State != tt.state || got.Phase.ID != tt.phase || got.From != tt.from || got.Phase.Experimental != tt.experimental {
				t.Errorf("got %s, phase %q from %q, experimental %t; want %s, phase %q from %q, experimental %t",
					got.State, got.Phase.ID, got.From, got.Phase.Experimental, tt.state, tt.phase, tt.from, tt.experimental)
			}
		})
	}
}

// TestAnUndatedPhaseHidesOnlyLaterDates: a phase without bounds may start before any dated
// phase, and so hides its date. A phase whose bounds are after the dated phase does not.
func TestAnUndatedPhaseHidesOnlyLaterDates(t *testing.T) {
	tests := map[string]struct {
		after rollout.Date
		want  rollout.State
	}{
		"may come before": {"2024-01-01", rollout.Undated},
		"no bounds":       {rollout.Unknown, rollout.Undated},
		"comes after":     {"2024-06-01", rollout.Dated},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := plan(t)
			p.Phases = []rollout.Phase{
				{ID: "U", Audience: rollout.Worker, FromAfter: tt.after, Provinces: rollout.Area{All: true}},
				{ID: "D", Audience: rollout.Worker, From: "2024-05-01", Provinces: rollout.Area{All: true}},
			}
			if got := p.At(rollout.Worker, "RM", rome(t, "2024-02-01 00:00:00")); got.State != tt.want {
				t.Errorf("got %s, want %s", got.State, tt.want)
			}
		})
	}
}

// TestPhasesOnlyWiden checks that a province that is live stays live. A date that was told
// stays or becomes earlier, and the service is live on it.
func TestPhasesOnlyWiden(t *testing.T) {
	p := plan(t)
	provinces := p.Provinces().At(rome(t, "2023-01-01 00:00:00"))
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom([]rollout.Audience{rollout.Worker, rollout.Employer}).Draw(t, "audience")
		province := rapid.SampledFrom(provinces).Draw(t, "province").Sigla
		from := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
		hour := rapid.IntRange(0, 30_000)
		x, y := hour.Draw(t, "x"), hour.Draw(t, "y")
		earlier := p.At(a, province, from.Add(time.Duration(min(x, y))*time.Hour))
		at := from.Add(time.Duration(max(x, y)) * time.Hour)
		later := p.At(a, province, at)
		if earlier.State == rollout.Live && later.State != rollout.Live {
			t.Fatalf("live by %s, later %s", earlier.Phase.ID, later.State)
		}
		if earlier.State == rollout.Dated {
			if later.State == rollout.Undated || later.State == rollout.Dated && later.From > earlier.From {
				t.Fatalf("told %s, later %s %s", earlier.From, later.State, later.From)
			}
			if later.State != rollout.Live && !at.Before(earlier.From.Start()) {
				t.Fatalf("told %s, not live at %v", earlier.From, at)
			}
		}
		if later.From.Known() != (later.State != rollout.Undated) {
			t.Fatalf("%s from %q", later.State, later.From)
		}
	})
}
