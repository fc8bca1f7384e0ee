package owner_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"infocig/infra/owner"
)

func dev(t *testing.T) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("dev.json")
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func write(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "values.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDevHasADefaultForEach(t *testing.T) {
	v, err := owner.Read(owner.Dev, "dev.json")
	if err != nil {
		t.Fatal(err)
	}
	if !v.Example() {
		t.Error("the example is not known as one")
	}
}

func TestProdHasNone(t *testing.T) {
	_, err := owner.Read(owner.Prod, "prod.json")
	if err == nil {
		t.Fatal("it was taken")
	}
	if lines := strings.Count(err.Error(), "\n  "); lines != strings.Count(err.Error(), ": missing; want ") || lines != 29 {
		t.Errorf("%d lines:\n%v", lines, err)
	}
	for _, name := range []string{"account", "door cassetto, jwks", "linea.signing_secret_arn", "log_days", "web.feedback_url"} {
		if !strings.Contains(err.Error(), "\n  "+name) && !strings.Contains(err.Error(), name+": missing") {
			t.Errorf("%s is not named:\n%v", name, err)
		}
	}
}

func TestWhatIsWrongIsNamedAllAtOnce(t *testing.T) {
	v := dev(t)
	for name, value := range map[string]any{
		"account": "12", "region": "Milano", "domain": "https://chat.example.org", "log_days": 31, "waf": "yes", "alarm_email": "nobody",
		"conversation_days": -1, "certificate_arn": "arn:aws:acm:eu-south-1:111122223333:certificate/1",
		"linea": map[string]any{"url": "http://linea.example.org", "token_secret_arn": "the token itself", "signing_secret_arn": "generate"},
	} {
		v[name] = value
	}
	v["issuers"] = append(v["issuers"].([]any), map[string]any{"door": "window"})
	_, err := owner.Read(owner.Dev, write(t, v))
	if err == nil || !strings.Contains(err.Error(), "11 are missing or wrong") {
		t.Fatalf("got %v", err)
	}
	for _, name := range []string{"account", "region", "domain", "log_days", "waf", "alarm_email", "conversation_days", "certificate_arn", "linea.url", "linea.token_secret_arn", "issuers: door \"window\""} {
		if !strings.Contains(err.Error(), "\n  "+name) {
			t.Errorf("%s is not named:\n%v", name, err)
		}
	}
}

func TestClearErrors(t *testing.T) {
	generated := dev(t)
	unknown := dev(t)
	unknown["colour"] = "blue"
	for name, test := range map[string]struct {
		stage owner.Stage
		file  string
		want  string
	}{
		"no such stage":               {"test", "dev.json", "want dev or prod"},
		"no file":                     {owner.Prod, "nowhere.json", "nowhere.json"},
		"unknown value":               {owner.Dev, write(t, unknown), "colour"},
		"not JSON":                    {owner.Dev, "owner.go", "owner.go"},
		"production makes no secrets": {owner.Prod, write(t, generated), "linea.token_secret_arn"},
	} {
		if _, err := owner.Read(test.stage, test.file); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

// TestEachFaultIsNamed: one fault each, in the values of an account of its own.
func TestEachFaultIsNamed(t *testing.T) {
	linea := func(token, signing string) any {
		return map[string]any{"url": "https://linea.example.org", "token_secret_arn": token, "signing_secret_arn": signing}
	}
	const here = "arn:aws:secretsmanager:eu-south-1:111122223333:secret:linea-AbCdEf"
	for name, test := range map[string]struct {
		value string
		is    any
		want  string // a line of the error
		not   string // that it must not have
	}{
		"certificate of another account": {"certificate_arn", "arn:aws:acm:us-east-1:999988887777:certificate/1", "certificate_arn: it is of account 999988887777; want the ARN of the domain's certificate, in us-east-1, of account 111122223333", ""},
		"certificate of another region":  {"certificate_arn", "arn:aws:acm:eu-south-1:111122223333:certificate/1", "certificate_arn: it is in region eu-south-1", ""},
		"no certificate":                 {"certificate_arn", "arn:aws:iam::111122223333:server-certificate/x", "certificate_arn: what is there is none", ""},
		"secret of another account":      {"linea", linea(here, "arn:aws:secretsmanager:eu-south-1:999988887777:secret:linea-AbCdEf"), "linea.signing_secret_arn: it is of account 999988887777", "token"},
		"secret of another region":       {"linea", linea("arn:aws:secretsmanager:eu-west-1:111122223333:secret:linea-AbCdEf", here), "linea.token_secret_arn: it is in region eu-west-1", "signing"},
		"the token itself":               {"linea", linea("my-token-0123456789", here), "linea.token_secret_arn: what is there is none", "my-token"},
		"half an ARN":                    {"linea", linea("arn:aws:secretsmanager:eu-south-1:111122223333:secret:linea", here), "linea.token_secret_arn: what is there is none", ""},
		"a region that there is not":     {"region", "eu-south-9", `region: "eu-south-9"; want a region of AWS: one of af-south-1, `, "certificate"},
		"a region of China":              {"region", "cn-north-1", "infra/owner/regions.go", ""},
		"a number in quotes":             {"log_days", "30", `log_days: "30"; want a whole number, without quotes`, "log_days: missing"},
		"half a day":                     {"log_days", 30.5, "log_days: 30.5; want a whole number", "log_days: missing"},
		"a text without quotes":          {"account", 111122223333, "account: 111122223333; want a text, in quotes", "account: missing"},
		"a list that is none":            {"issuers", "https://login.example.org", "issuers: \"https://login.example.org\"; want a list", ""},
		"an object that is none":         {"web", []any{}, "web: []; want an object", ""},
		"an unknown value within":        {"web", map[string]any{"owner": "x", "colour": "blue"}, "web.colour: there is no such value", ""},
		"another case":                   {"Account", "111122223333", "Account: there is no such value", ""},
		"blanks":                         {"client_id", " infocig", `client_id: " infocig"`, ""},
		"a table that cannot be":         {"restored_table", "in fo", `restored_table: "in fo"; want the name of a table`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := dev(t)
			v[test.value] = test.is
			_, err := owner.Read(owner.Dev, write(t, v))
			if err == nil || !strings.Contains(err.Error(), test.want) || test.not != "" && strings.Contains(err.Error(), test.not) {
				t.Errorf("got %v, want %q, not %q", err, test.want, test.not)
			}
		})
	}
	good := dev(t)
	good["linea"] = linea(here, here)
	if _, err := owner.Read(owner.Prod, write(t, good)); err != nil {
		t.Errorf("what is right: %v", err)
	}
}

// TestAWrongTypeHidesNothing: all faults are in one message, those of the form of the file too.
func TestAWrongTypeHidesNothing(t *testing.T) {
	v := dev(t)
	v["log_days"], v["region"], v["colour"], v["issuers"].([]any)[1].(map[string]any)["audience"] = "30", "eu-south-9", "blue", 7
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "values.json")
	text := strings.Replace(string(raw), "{", `{"waf":"on",`, 1) + "\n{}"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = owner.Read(owner.Dev, file)
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, want := range []string{"behind the closing brace", "log_days: ", "region: ", "colour: there is no such value", "issuers[1].audience: 7; want a text", "waf: it is there twice"} {
		if strings.Count(err.Error(), "\n  "+want) != 1 {
			t.Errorf("%q is not named once:\n%v", want, err)
		}
	}
}

func TestWhatIsNoJSONSaysWhere(t *testing.T) {
	for text, want := range map[string]string{"": "the file is empty", "{\n\"account\": \"1\",\n}": "line 3: invalid character", "{\n\"account\": ": "line 2: unexpected EOF"} {
		file := filepath.Join(t.TempDir(), "values.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := owner.Read(owner.Dev, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
