package rollout_test

import (
	"strings"
	"testing"

	"infocig/shared/chat/rollout"
)

func TestProvincesOfDefault(t *testing.T) {
	p := plan(t).Provinces()
	at := rome(t, "2023-02-13 16:00:00")
	if got := len(p.At(at)); got != 107 {
		t.Errorf("%d provinces in 2023, want 107", got)
	}
	for sigla, want := range map[string]string{"NA": "Napoli", "AQ": "L'Aquila", "AO": "Valle d'Aosta", "BZ": "Bolzano", "FC": "Forlì-Cesena"} {
		if got, ok := p.Name(sigla); !ok || got != want {
			t.Errorf("Name(%s) = %q, %t, want %q", sigla, got, ok, want)
		}
		if !p.Known(sigla, at) {
			t.Errorf("%s is not known", sigla)
		}
	}
	for _, sigla := range []string{"OT", "OG", "VS", "CI"} {
		if _, ok := p.Name(sigla); !ok || p.Known(sigla, at) || !p.Exists(sigla) {
			t.Errorf("%s: an abolished province is not known as one", sigla)
		}
	}
	for _, sigla := range []string{"", "rm", "XX", "EE", "ROMA", "PS", "*"} {
		if _, ok := p.Name(sigla); ok || p.Known(sigla, at) || p.Exists(sigla) {
			t.Errorf("%q is known", sigla)
		}
	}
}

// The reform of Sardinia will be rows of this kind. The sigla NP is invented.
const reform = `sigla,name,region,valid_from,valid_until
CA,Cagliari,Sardegna,,
SS,Sassari,Sardegna,,2026-01-01
SS,Città metropolitana di Sassari,Sardegna,2026-01-01,
SU,Sud Sardegna,Sardegna,2016-02-04,2026-01-01
NP,Nuova provincia,Sardegna,2026-01-01,
`

func TestProvincesAreDated(t *testing.T) {
	p, err := rollout.ParseProvinces(strings.NewReader(reform))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		sigla, at string
		want      bool
	}{
		"without dates":                {"CA", "1999-01-01 00:00:00", true},
		"on its last day":              {"SU", "2025-12-31 23:59:59", true},
		"on the day it is gone":        {"SU", "2026-01-01 00:00:00", false},
		"before its first day":         {"SU", "2016-02-03 23:59:59", false},
		"new, the day before":          {"NP", "2025-12-31 23:59:59", false},
		"new":                          {"NP", "2026-01-01 00:00:00", true},
		"same sigla, the old province": {"SS", "2025-12-31 23:59:59", true},
		"same sigla, the new province": {"SS", "2026-01-01 00:00:00", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := p.Known(tt.sigla, rome(t, tt.at)); got != tt.want {
				t.Errorf("Known(%s) at %s is %t", tt.sigla, tt.at, got)
			}
			if !p.Exists(tt.sigla) {
				t.Errorf("%s never existed", tt.sigla)
			}
		})
	}
	if got, _ := p.Name("SS"); got != "Città metropolitana di Sassari" {
		t.Errorf("SS is named %q, want the latest name", got)
	}
	if got := len(p.At(rome(t, "2026-06-01 00:00:00"))); got != 3 {
		t.Errorf("%d provinces after the reform, want 3", got)
	}
}

func TestParseProvincesRefuses(t *testing.T) {
	tests := map[string]struct{ file, want string }{
		"empty file":           {"", "there is none"},
		"header only":          {"sigla,name,region\n", "there is none"},
		"no name":              {"sigla,region\nRM,Lazio\n", "no column name"},
		"sigla twice":          {"sigla,name,region\nRM,Roma,Lazio\nRM,Roma,Lazio\n", "line 3: sigla: RM names two provinces"},
		"overlapping validity": {"sigla,name,region,valid_from,valid_until\nRM,Roma,Lazio,,2020-01-01\nRM,Roma,Lazio,2019-12-31,\n", "line 3: sigla: RM names two provinces"},
		"sigla of lower case":  {"sigla,name,region\nrm,Roma,Lazio\n", "line 2: sigla: "},
		"sigla that is a name": {"sigla,name,region\nROMA,Roma,Lazio\n", "line 2: sigla: "},
		"nameless":             {"sigla,name,region\nRM,,Lazio\n", "line 2: name: empty"},
		"malformed date":       {"sigla,name,region,valid_from\nRM,Roma,Lazio,2020\n", "line 2: valid_from: "},
		"ends before it began": {"sigla,name,region,valid_from,valid_until\nRM,Roma,Lazio,2020-01-01,2020-01-01\n", "line 2: valid_until: "},
		"field too many":       {"sigla,name,region\nRM,Roma,Lazio,Italia\n", "wrong number of fields"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := rollout.ParseProvinces(strings.NewReader(tt.file))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want it to say %q", err, tt.want)
			}
		})
	}
}
