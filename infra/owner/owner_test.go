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
	if lines := strings.Count(err.Error(), "\n  "); lines != strings.Count(err.Error(), ": missing; want ") || lines != 26 {
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
