package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"infocig/infra/owner"
	"infocig/shared/app/env"
	"infocig/shared/chat/store"
	"infocig/shared/table/bolt"
	"infocig/shared/table/dynamo"
)

// parsedOnly are the commands in blocks of the runbooks that no server here can answer, by how they begin: the test
// sees that they can be given. Everything else is run.
var parsedOnly = map[string]string{
	"aws account enable-region":         "moto knows no regions that are off",
	"aws account get-region-opt-status": "moto knows no regions that are off",
	"make bootstrap":                    "tools/deploy-check.sh bootstraps",
	"make preflight":                    "TestPreflightOfAServer: moto's account is not ready",
	"make deploy":                       "TestDeploy, and tools/deploy-check.sh",
	"make destroy":                      "tools/deploy-check.sh",
}

// A step is a command of a runbook.
type step struct {
	file, command string
	block         bool // in a block of its own; otherwise in a sentence
}

var inSentence = regexp.MustCompile("`((?:aws|make|go run|curl|git) [^`]+)`")

// stepsOf reads the commands of a runbook: indented lines after an empty one, and what a sentence has between backquotes.
func stepsOf(file, text string) (all []step) {
	lines := strings.Split(text, "\n")
	inBlock := false
	for n := 0; n < len(lines); n++ {
		line := lines[n]
		if strings.HasPrefix(line, "    ") && (inBlock || strings.TrimSpace(lines[max(0, n-1)]) == "") {
			inBlock = true
			for strings.HasSuffix(line, "\\") {
				n++
				line = strings.TrimSuffix(line, "\\") + strings.TrimSpace(lines[n])
			}
			if command := strings.TrimSpace(line); !strings.HasPrefix(command, "#") {
				all = append(all, step{file, command, true})
			}
			continue
		}
		inBlock = false
	}
	for _, m := range inSentence.FindAllStringSubmatch(strings.ReplaceAll(text, "\n", " "), -1) {
		all = append(all, step{file, m[1], false})
	}
	return all
}

// A bench is where runbooks are carried out: an account, a service on this machine, and a folder that is the project's.
type bench struct {
	t        *testing.T
	dir      string
	env      []string
	replaces *strings.Replacer
	store    store.Store
}

// run gives a command, and returns what it prints.
func (b bench) run(command, input string) (string, error) {
	c := exec.CommandContext(b.t.Context(), "bash", "-euo", "pipefail", "-c", b.replaces.Replace(command))
	c.Dir, c.Env, c.Stdin = b.dir, b.env, strings.NewReader(input)
	out, err := c.CombinedOutput()
	return string(out), err
}

// parses sees whether a command can be given, without giving it.
func (b bench) parses(command string) error {
	cut := strings.Contains(command, "…") // and its reader knows the rest
	command = regexp.MustCompile(` ARGS=("[^"]*"|\S+)|…`).ReplaceAllString(command, "")
	switch words := strings.Fields(command); words[0] {
	case "aws":
		// What cannot be parsed, or lacks what it needs, does not come so far as to be sent.
		out, _ := b.run("AWS_MAX_ATTEMPTS=1 "+command+" --endpoint-url http://127.0.0.1:1", "")
		known := strings.Contains(out, "Could not connect to the endpoint") || cut && strings.Contains(out, "following arguments are required")
		if !known {
			return fmt.Errorf("%s", out)
		}
	case "make":
		if out, err := b.run("make -n "+strings.Join(words[1:], " "), ""); err != nil {
			return fmt.Errorf("%s", out)
		}
	case "go":
		if words[2] != "./ops" { // tools/deploy-check.sh compares
			if _, err := os.Stat(words[2]); err != nil {
				return err
			}
			return nil
		}
		at := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "--") })
		if at < 0 {
			at = min(len(words), 4)
		}
		help, err := b.run(strings.Join(words[:min(at, 5)], " ")+" --help", "")
		if err != nil {
			return fmt.Errorf("%s", help)
		}
		for _, w := range words[at:] {
			if flag, _, _ := strings.Cut(w, "="); strings.HasPrefix(w, "--") && !strings.Contains(help, flag) {
				return fmt.Errorf("there is no %s:\n%s", flag, help)
			}
		}
	}
	return nil
}

// newBench makes what the runbooks are about.
func newBench(t *testing.T) bench {
	t.Helper()
	root, err := filepath.Abs(".")
	must(t, err)
	a := newAccount(t)
	a.install()
	makeRole(t, a.url)
	for _, id := range []string{"first", "second", "third"} {
		a.publish(id)
		a.release()
		_, _, err := a.ops("", "release", "record")
		must(t, err)
	}
	s := trusted(t)
	a.stack("web", a.something(), map[string]any{"DistributionDomain": s.Listener.Addr().String(), "PagesUrl": "https://infocig-dev.example.org"})
	a.stack("socket", a.something(), map[string]any{"SocketUrl": "wss://" + s.Listener.Addr().String() + "/socket"})
	must(t, a.secret("infocig-dev-"+secretName(env.PseudonymKey), env.LocalPseudonymKey))
	must(t, a.secret("infocig-dev-"+secretName(env.LineaSecret), strings.Repeat("a", 40)))
	secret := secretsmanager.NewFromConfig(a.cfg)
	name := "infocig-dev-" + secretName(env.LineaSecret)
	before, err := secret.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &name})
	must(t, err)
	now, err := secret.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: aws.String(strings.Repeat("b", 40))})
	must(t, err)
	certificate, err := acm.NewFromConfig(installation{cfg: a.cfg}.in(global)).RequestCertificate(t.Context(), &acm.RequestCertificateInput{DomainName: aws.String("chat.example.org")})
	must(t, err)

	store := store.New(dynamo.New(a.dynamo(), "infocig-dev-table"))
	fill(t, store, fiscalCode, time.Now().Add(-time.Hour))
	wait(t, store)
	must(t, dynamo.Create(t.Context(), a.dynamo(), "infocig-dev-table-2"))
	data := t.TempDir()
	tab, err := bolt.Open(filepath.Join(data, "infocig.db"))
	must(t, err)
	must(t, tab.Close())

	b := bench{t: t, dir: t.TempDir(), store: store}
	for _, name := range []string{".github", "Makefile", "tools", "web", "functions", "go.mod"} {
		must(t, os.Symlink(filepath.Join(root, name), filepath.Join(b.dir, name)))
	}
	must(t, os.MkdirAll(filepath.Join(b.dir, "infra/owner"), 0o700))
	must(t, os.WriteFile(filepath.Join(b.dir, owner.File(owner.Dev)), ownersOf(t, motoAccount), 0o600))
	must(t, os.WriteFile(filepath.Join(b.dir, "token"), []byte("a-token"), 0o600))
	trust := filepath.Join(b.dir, "trust.pem")
	must(t, os.WriteFile(trust, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	bin := t.TempDir()
	binary := filepath.Join(bin, "ops")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./ops").CombinedOutput(); err != nil {
		t.Fatal(string(out))
	}
	must(t, os.WriteFile(filepath.Join(bin, "go"), []byte("#!/bin/sh\n[ \"$1 $2\" = \"run ./ops\" ] || exit 9\nshift 2\nexec "+binary+" \"$@\"\n"), 0o700))
	tools, err := exec.CommandContext(t.Context(), "tools/python.sh").Output()
	must(t, err)
	pages, token := localService(t)
	b.env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_CA_BUNDLE=") }), "PATH="+bin+":"+strings.TrimSpace(string(tools))+":"+os.Getenv("PATH"), "AWS_ENDPOINT_URL="+a.url, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_REGION=eu-south-1", "AWS_DEFAULT_REGION=eu-south-1", "SSL_CERT_FILE="+trust, "PAGES="+pages, "TOKEN="+token, "PSEUDONYM_KEY=")
	b.replaces = strings.NewReplacer("STAGE=dev", "STAGE=dev", "STAGE", "dev", "worker_case.0.17", "worker_case.0.5", "2026-11-25T10:00:00Z", a.backups("infocig-dev-table").UTC().Format(time.RFC3339),
		"--secret-id NAME", "--secret-id "+name, "PREVIOUS", *before.VersionId, "remove-from-version-id CURRENT", "remove-from-version-id "+*now.VersionId,
		"DOMAIN", "chat.example.org", "--certificate-arn CERTIFICATE", "--certificate-arn "+*certificate.CertificateArn, "--certificate-arn ARN", "--certificate-arn "+*certificate.CertificateArn, "TO=RELEASE", "TO=third", "--data DIR", "--data "+data)
	if out, err := b.run("aws cloudwatch put-metric-alarm --alarm-name infocig-dev-sweep-missing --metric-name x --namespace x --period 60 --evaluation-periods 1 --threshold 1 --comparison-operator LessThanThreshold --statistic Sum", ""); err != nil {
		t.Fatal(out)
	}
	return b
}

// localService starts the service on this machine, and gets an operator's token.
func localService(t *testing.T) (address, token string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "local")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./local").CombinedOutput(); err != nil {
		t.Fatal(string(out))
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	host := l.Addr().String()
	must(t, l.Close())
	service := exec.CommandContext(t.Context(), binary, "-addr", host, "-data", "memory") // ends with the test's context
	var said bytes.Buffer
	service.Stdout, service.Stderr = &said, &said
	must(t, service.Start())
	t.Cleanup(func() { _ = service.Process.Kill(); _ = service.Wait() })
	for range 200 {
		resp, err := http.Post("http://"+host+"/dev/token", "application/json", strings.NewReader(`{"issuer":"institute","claims":{"sub":"op","groups":["operators"]}}`)) //nolint:noctx // a test's
		if err == nil {
			var v struct {
				Token string `json:"access_token"`
			}
			err = json.NewDecoder(resp.Body).Decode(&v)
			_ = resp.Body.Close()
			if err == nil && v.Token != "" {
				return "http://" + host, v.Token
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the service does not answer: %s", said.String())
	return "", ""
}

// TestRunbooks carries every command of every runbook out, as far as there is a server that knows it.
func TestRunbooks(t *testing.T) {
	t.Chdir("..")
	files, err := filepath.Glob("docs/runbooks/*.md")
	must(t, err)
	b := newBench(t)
	inputs := map[string]string{"go run ./ops export": fiscalCode + "\n", "go run ./ops erase": fiscalCode + "\nyes\n", "go run ./ops restore": "\n"}
	ran, parsed := 0, map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		if filepath.Base(file) == "queue.md" { // those who waited were told that the desk has closed
			wait(t, b.store)
		}
		for _, s := range stepsOf(filepath.Base(file), string(text)) {
			only := ""
			for begins := range parsedOnly {
				if strings.HasPrefix(s.command, begins) {
					only = begins
				}
			}
			if !s.block || only != "" {
				parsed[only] = true
				if err := b.parses(s.command); err != nil {
					t.Errorf("%s: %s: %v", s.file, s.command, err)
				}
				continue
			}
			input := ""
			for begins, text := range inputs {
				if strings.HasPrefix(s.command, begins) {
					input = text
				}
			}
			if out, err := b.run(s.command, input); err != nil {
				t.Errorf("%s: %s: %v\n%s", s.file, s.command, err, out)
			}
			ran++
		}
	}
	for begins := range parsedOnly {
		if !parsed[begins] {
			t.Errorf("no runbook has %q", begins)
		}
	}
	if want := 35; ran < want {
		t.Errorf("%d commands were run, want %d at least", ran, want)
	}
	t.Logf("%d commands were run", ran)
	if out, err := b.run("cat dossier.json", ""); err != nil || !strings.Contains(out, "parole di "+fiscalCode) {
		t.Errorf("the dossier: %s, %v", out, err)
	}
}

// TestStepsOfARunbook: what is a command, and what is none.
func TestStepsOfARunbook(t *testing.T) {
	got := stepsOf("f", "Do:\n\n    aws a \\\n      --b\n    # not this\n    c\n\n1. Then `make d\n   E=f` or `g`.\n\n       aws h\n2. No\n    block.\n")
	want := []step{{"f", "aws a --b", true}, {"f", "c", true}, {"f", "aws h", true}, {"f", "make d    E=f", false}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}
