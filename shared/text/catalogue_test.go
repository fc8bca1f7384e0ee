package text_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/chat/admission"
	"infocig/shared/hours"
	"infocig/shared/identity"
	"infocig/shared/text"
)

// uiKeys are the keys of the table that the pages start from.
const uiKeys = `open.title open.body open.action open.experimental closed.title closed.body closed.holiday closed.other
full.body rollout.dated rollout.undated rollout.employer role.denied auth.level privacy.before privacy.redacted
queue.first queue.one queue.many queue.wait queue.keep queue.here queue.notserved
advisor.joined advisor.typing advisor.changed net.reconnecting net.back net.failed msg.unsent
closing.soon ended.advisor ended.user ended.idle ended.survey
escalation.sent escalation.pending case.answered error.generic
cigd.creds.notyet cigd.creds.have cigd.portal.notyet cigd.worker.date cigd.weeks cigd.agreement cigd.submitted
cigd.completion cigd.sr41`

// codes are the error codes on the wire.
const codes = "invalid unauthorized forbidden not_found conflict closed superseded throttled unavailable internal"

func TestEveryKeyThatCodeBuildsExists(t *testing.T) {
	keys := strings.Fields(uiKeys)
	add := func(prefix string, names ...string) {
		for _, name := range names {
			keys = append(keys, prefix+name)
		}
	}
	for _, h := range hours.Holidays(2026) {
		add("holiday.", string(h.Holiday))
	}
	for _, s := range []admission.State{
		admission.Open, admission.Busy, admission.Full, admission.Closed, admission.NotYet,
		admission.NotAdmitted, admission.LoginTooWeak, admission.Fault,
	} {
		add("state.", string(s))
	}
	for _, r := range []identity.Role{
		identity.RoleWorker, identity.RoleOwner, identity.RoleLegalRepresentative,
		identity.RoleConsultant, identity.RoleEmployee,
	} {
		add("role.", string(r))
	}
	for _, r := range []admission.ParamReason{
		admission.Missing, admission.Unknown, admission.Malformed, admission.OutOfRange,
		admission.Repeated, admission.Unexpected, admission.Contradictory,
	} {
		add("param.", string(r))
	}
	add("error.", strings.Fields(codes)...)
	add("conversation.", strings.Fields("queued assigned citizen_away closed erased")...)
	outcomes := strings.Fields("settled escalated abandoned no_answer not_served")
	add("outcome.", outcomes...)
	add("transcript.closed.", outcomes...)
	add("weekday.", strings.Fields("0 1 2 3 4 5 6")...)
	add("month.", strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12")...)

	for _, language := range text.Languages() {
		c := text.Load(language)
		for _, key := range keys {
			if !c.Has(key) {
				t.Errorf("%s has no %s", language, key)
			}
		}
	}
}

func TestErrorsAreSentencesWithoutArguments(t *testing.T) {
	for _, code := range strings.Fields(codes) {
		for _, language := range text.Languages() {
			if s := text.Sentence(language, "error."+code); !strings.HasSuffix(s, ".") || strings.Contains(s, code) {
				t.Errorf("%s: error.%s is %q", language, code, s)
			}
		}
	}
}

func TestLanguagesHaveTheSameKeysAndPlaceholders(t *testing.T) {
	want := text.Load(text.Default)
	for _, language := range text.Languages() {
		c := text.Load(language)
		if diff := cmp.Diff(want.Keys(), c.Keys()); diff != "" {
			t.Errorf("%s (-%s +%s):\n%s", language, text.Default, language, diff)
		}
		for _, key := range want.Keys() {
			if strings.HasPrefix(key, "format.") {
				continue // a language may leave out what its dates do not say
			}
			if diff := cmp.Diff(want.Placeholders(key), c.Placeholders(key)); diff != "" {
				t.Errorf("%s: %s (-%s +%s):\n%s", language, key, text.Default, language, diff)
			}
		}
	}
}

func TestUnknownLanguagesFallBackToItalian(t *testing.T) {
	for tag, want := range map[string]string{"it": "it", "it-CH": "it", "IT": "it", "": "it", "eo": "it", "../it": "it"} {
		if got := text.Load(tag).Language(); got != want {
			t.Errorf("Load(%q) speaks %q, want %q", tag, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct{ file, want string }{
		"no object":             {`["a"]`, "not an object"},
		"nothing":               {``, "not an object"},
		"not closed":            {`{"a": "b"`, "EOF"},
		"two documents":         {`{"a": "b"}{}`, "more than one document"},
		"nested keys":           {`{"a": {"b": "c"}}`, "key a: "},
		"number":                {`{"a": 1}`, "key a: "},
		"null":                  {`{"a": null}`, "key a: empty"},
		"blank":                 {`{"a": " "}`, "key a: empty"},
		"key twice":             {`{"a": "b", "a": "c"}`, "key a: comes twice"},
		"brace not closed":      {`{"a": "alle {opens_at"}`, "key a: an opening brace"},
		"brace not opened":      {`{"a": "alle opens_at}"}`, "key a: a closing brace"},
		"brace in brace":        {`{"a": "{a{b}}"}`, "key a: placeholder {a{b}: not a name"},
		"no name":               {`{"a": "{}"}`, "key a: placeholder {}: not a name"},
		"name with a capital":   {`{"a": "{Nome}"}`, "not a name"},
		"name with a blank":     {`{"a": "{giorno e data}"}`, "not a name"},
		"unknown format":        {`{"a": "{x, datetime}"}`, "unknown format"},
		"comma without format":  {`{"a": "{x,}"}`, "unknown format"},
		"format with arguments": {`{"a": "{x, plural, one}"}`, "unknown format"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := text.Parse("xx", []byte(tt.file))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want it to say %q", err, tt.want)
			}
		})
	}
}

// The pages bundle the same file, so it has to be plain: what Parse reads is
// what JSON.parse reads.
func TestFilesAreOneFlatObject(t *testing.T) {
	data, err := os.ReadFile("it.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.Parse("it", data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text.Load("it").Keys(), c.Keys()); diff != "" {
		t.Errorf("-embedded +file:\n%s", diff)
	}
}
