package main

import (
	"net/http"
	"net/url"
	"testing"
)

// TestAvailability asks every acceptance case of the requirements.
func TestAvailability(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	ask := func(query string) (int, map[string]any) {
		t.Helper()
		status, v, _ := request(t, "GET", s.base+"/v1/availability?"+query, "", nil)
		return status, v
	}
	at := func(who, instant string) string { return who + "&at=" + url.QueryEscape(instant) }
	const (
		roma     = "audience=worker&province=RM"
		ownerMI  = "audience=employer&role=owner&province=MI"
		milano   = "audience=intermediary&role=consultant&province=MI"
		bari     = "audience=employer&role=owner&province=BA"
		napoli   = "audience=intermediary&province=NA"
		employee = "audience=employer&role=employee&province=NA"
	)
	type want struct{ state, from, opens, closure string }
	cases := map[string]want{
		at(roma, "2021-05-07T16:00:00+02:00"):                          {state: "not_yet", from: "2021-05-10"},
		at(ownerMI, "2022-12-14T16:00:00+01:00"):                       {state: "not_yet", from: "2022-12-15"},
		at(milano, "2022-12-15T15:00:00+01:00"):                        {state: "open"},
		at(milano, "2022-12-15T14:59:59+01:00"):                        {state: "closed", opens: "2022-12-15T14:00:00.000Z"},
		at(milano, "2022-12-15T18:00:00+01:00"):                        {state: "closed", opens: "2022-12-16T14:00:00.000Z"},
		at(milano, "2022-12-23T18:00:00+01:00"):                        {state: "closed", opens: "2022-12-27T14:00:00.000Z"},
		at(bari, "2023-02-13T16:00:00+01:00"):                          {state: "not_yet"},
		at(bari, "2023-05-04T16:00:00+02:00"):                          {state: "not_yet", from: "2023-05-22"},
		at(napoli, "2023-02-13T16:00:00+01:00"):                        {state: "open"},
		at(employee, "2023-02-13T16:00:00+01:00"):                      {state: "not_admitted"},
		at(roma, "2023-04-10T16:00:00+02:00"):                          {state: "closed", closure: "Lunedì dell'Angelo", opens: "2023-04-11T13:00:00.000Z"},
		at(roma, "2023-04-25T16:00:00+02:00"):                          {state: "closed", closure: "Festa della Liberazione", opens: "2023-04-26T13:00:00.000Z"},
		at(roma, "2023-05-01T16:00:00+02:00"):                          {state: "closed", closure: "Festa del lavoro", opens: "2023-05-02T13:00:00.000Z"},
		at(roma, "2023-06-02T16:00:00+02:00"):                          {state: "closed", closure: "Festa della Repubblica", opens: "2023-06-05T13:00:00.000Z"},
		at(roma, "2027-10-04T16:00:00+02:00"):                          {state: "closed", closure: "San Francesco d'Assisi", opens: "2027-10-05T13:00:00.000Z"},
		at(roma, "2023-03-24T14:00:00Z"):                               {state: "open"},
		at(roma, "2023-03-24T13:59:59Z"):                               {state: "closed", opens: "2023-03-24T14:00:00.000Z"},
		at(roma, "2023-03-27T13:00:00Z"):                               {state: "open"},
		at(roma, "2023-03-27T12:59:59Z"):                               {state: "closed", opens: "2023-03-27T13:00:00.000Z"},
		roma:                                                           {state: "open"},
		at(roma, "2023-03-24T17:51:00+01:00"):                          {state: "open"},
		at(roma, "2023-03-24T17:52:01+01:00"):                          {state: "full", opens: "2023-03-27T13:00:00.000Z"},
		"audience=worker":                                              {state: "open"},
		"audience=worker&province=EE":                                  {state: "open"},
		"audience=worker&province=OT":                                  {state: "open"},
		"audience=worker&province=%20rm%20":                            {state: "open"},
		"audience=worker&province=Gallura":                             {state: "open"},
		at("audience=worker&province=EE", "2021-06-01T16:00:00+02:00"): {state: "not_yet", from: "2022-01-31"},
	}
	for query, w := range cases {
		status, v := ask(query)
		field := func(name string) string {
			s, _ := v[name].(string)
			return s
		}
		got := want{field("state"), field("from"), field("opens_at"), field("closure")}
		same(t, query, status, http.StatusOK)
		if got != w {
			t.Errorf("%s: got %+v, want %+v", query, got, w)
		}
		if field("text") == "" || v["state"] != "open" && len(v["channels"].([]any)) == 0 {
			t.Errorf("%s: a dead end: %v", query, v)
		}
	}
	for query, param := range map[string]string{
		"":                              "audience",
		"province=RM":                   "audience",
		"audience=robot&province=RM":    "audience",
		"audience=employer&province=MI": "role",
		"audience=employer&role=king&province=MI":             "role",
		"audience=worker&role=owner&province=MI":              "role",
		"audience=worker&province=RM&province=MI":             "province",
		"audience=worker&province=RM&at=tomorrow":             "at",
		"audience=worker&province=RM&at=2023-02-30T16:00:00Z": "at",
		"audience=worker&province=RM&at=2023-02-13":           "at",
		"audience=worker&province=RM&when=now":                "when",
	} {
		status, v := ask(query)
		if status != http.StatusBadRequest || v["param"] != param {
			t.Errorf("%q: got %d %v, want 400 naming %s", query, status, v, param)
		}
	}
}
