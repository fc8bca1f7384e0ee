package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"infocig/infra/topology"
	"infocig/shared/chat/store"
	"infocig/shared/table/bolt"
	"infocig/shared/table/dynamo"
	"infocig/shared/test/servers"
)

// onAStage are the commands that act on a stage.
var onAStage = [][]string{
	{"export"}, {"erase", "--yes"}, {"retain"}, {"close", "--reason", "guasto"}, {"open"}, {"grade"}, {"waiting"},
	{"reorder", "worker_case.0.1", "--reason", "deadline"}, {"accesses", "desk"}, {"replay", "--since", "2026-11-25T10:00:00Z"},
	{"restore", "--yes", "--at", time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)}, {"redrive"}, {"rotate"}, {"rotate", "--finish"}, {"rotate", "--token"},
	{"release", "next", "--commit", "abc"}, {"release", "record"}, {"release", "list"}, {"rollback"}, {"smoke"},
}

// refusedInOneLine gives a command, which must be refused, before anybody is asked.
func refusedInOneLine(t *testing.T, args []string, want ...string) {
	t.Helper()
	_, text, err := ops(t, fiscalCode+"\n", args...)
	if err == nil || strings.Contains(err.Error(), "\n") || strings.Contains(text, "Codice fiscale") {
		t.Errorf("%v: %s, %v", args, text, err)
		return
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v: %v, want %q", args, err, w)
		}
	}
}

// TestCredentialsOfAnotherAccount: no command does anything with them.
func TestCredentialsOfAnotherAccount(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	a.install()
	must(t, os.WriteFile(a.owner, ownersOf(t, "999988887777"), 0o600))
	for _, args := range onAStage {
		refusedInOneLine(t, append(args, "--stage", "dev", "--endpoint", a.url, "--owner", a.owner), "account "+motoAccount, "999988887777", "give credentials of the owner's account")
	}
	if rules, err := store.New(dynamo.New(a.dynamo(), "infocig-dev-table")).DeskRules(t.Context()); err != nil || len(rules.Closures) > 0 {
		t.Errorf("the desk was closed: %+v, %v", rules, err)
	}
}

// TestNoCredentials: every command says so, and what to do.
func TestNoCredentials(t *testing.T) {
	t.Chdir("..")
	nothing := t.TempDir()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_ENDPOINT_URL": "", "AWS_REGION": "eu-south-1",
		"AWS_CONFIG_FILE": filepath.Join(nothing, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(nothing, "credentials"), "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "", "PSEUDONYM_KEY": "k",
	} {
		t.Setenv(name, value)
	}
	for _, args := range append(onAStage, []string{"preflight"}) {
		args = append(args, "--stage", "dev")
		if args[0] == "preflight" {
			if _, text, err := ops(t, "", args...); err == nil || !strings.Contains(text, giveCredentials) || strings.Contains(text, "operation error") {
				t.Errorf("preflight: %s, %v", text, err)
			}
			continue
		}
		refusedInOneLine(t, args, "there are no credentials", giveCredentials)
		if _, _, err := ops(t, "", args...); strings.Contains(err.Error(), "operation error") || args[0] == "close" && !strings.Contains(err.Error(), "nothing has happened") {
			t.Errorf("%v: %v", args, err)
		}
	}
	for _, args := range [][]string{
		{"waiting", "--table", "t"}, {"close", "--reason", "guasto", "--table", "t"}, {"redrive", "--queue", "q", "--dead", "d"}, {"rotate", "--secret", "s"},
	} {
		refusedInOneLine(t, args, "there are no credentials", giveCredentials)
	}
}

// TestRetentionBelowTheOwners asks, and deletes nothing without an answer.
func TestRetentionBelowTheOwners(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	a.install()
	fill(t, store.New(dynamo.New(a.dynamo(), "infocig-dev-table")), fiscalCode, time.Now().AddDate(0, 0, -100))
	for _, c := range []struct {
		input, days string
		want        string
	}{
		{"", "30", "nothing was deleted"}, {"no\n", "30", "nothing was deleted"},
		{"yes\n", "0", "--days 0: want at least 1"}, {"yes\n", "-3", "--days -3: want at least 1"},
	} {
		_, text, err := a.ops(c.input, "retain", "--days="+c.days)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %s, %v", c, text, err)
		}
		if c.days == "30" && !strings.Contains(text, "between 30 and 730 days ago will be deleted for good") {
			t.Errorf("asked: %s", text)
		}
	}
	if v, text, err := a.ops("", "retain", "--days", "730"); err != nil || v["conversations"] != 0.0 {
		t.Errorf("as the owner says: %s, %v", text, err)
	}
	if _, text, err := a.ops("yes\n", "retain", "--days", "200"); err != nil || !strings.Contains(text, `"conversations": 0`) {
		t.Errorf("confirmed: %s, %v", text, err)
	}
	if v, text, err := a.ops("", "retain", "--days", "30", "--yes"); err != nil || v["conversations"] != 1.0 {
		t.Errorf("of a script: %s, %v", text, err)
	}
}

// TestClosuresThatLast: a long one is asked about, and one in the shadow of another says when the desk opens.
func TestClosuresThatLast(t *testing.T) {
	dir := t.TempDir()
	tab, err := bolt.Open(filepath.Join(dir, "infocig.db"))
	must(t, err)
	must(t, tab.Close())
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	do := func(input, until string, more ...string) (string, error) {
		_, text, err := ops(t, input, append([]string{"close", "--data", dir, "--reason", "guasto", "--until", until}, more...)...)
		return text, err
	}
	const day = 24 * time.Hour
	if text, err := do("", in(-time.Hour)); err == nil || !strings.Contains(err.Error(), "--until is over") {
		t.Errorf("over: %s, %v", text, err)
	}
	for _, input := range []string{"", "no\n"} {
		if text, err := do(input, in(40*day)); err == nil || !strings.Contains(err.Error(), "nothing has happened: --until is 39 days ahead") {
			t.Errorf("not confirmed: %s, %v", text, err)
		}
	}
	if text, err := do("", in(30*day)); err != nil || strings.Contains(text, "another closure") {
		t.Errorf("of a month: %s, %v", text, err)
	}
	if text, err := do("", in(time.Hour)); err != nil || !strings.Contains(text, "another closure is in force until "+inRome(time.Now().Add(30 * day))[:10]) || !strings.Contains(text, "the desk opens 2") {
		t.Errorf("in the shadow: %s, %v", text, err)
	}
	if text, err := do("", in(40*day), "--yes"); err != nil || strings.Contains(text, "another closure") {
		t.Errorf("of a script: %s, %v", text, err)
	}
	if text, err := do("yes\n", in(50*day)); err != nil {
		t.Errorf("confirmed: %s, %v", text, err)
	}
}

// TestTimesAreExplained: every flag with a time says what it wants.
func TestTimesAreExplained(t *testing.T) {
	for flag, args := range map[string][]string{
		"--until": {"close", "--data", "x", "--reason", "guasto", "--until", "tomorrow"},
		"--at":    {"restore", "--stage", "dev", "--at", "2026-11-25 10:00"},
		"--since": {"replay", "--data", "x", "--since", "2026-11-25"},
	} {
		if _, _, err := ops(t, "", args...); err == nil || !strings.Contains(err.Error(), flag) || !strings.Contains(err.Error(), "want a time such as 2026-11-25T10:00:00Z") {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// TestATableThatIsNotThere is named.
func TestATableThatIsNotThere(t *testing.T) {
	server, err := servers.Dynoxide(t.Context(), "")
	must(t, err)
	t.Cleanup(server.Stop)
	refusedInOneLine(t, []string{"waiting", "--table", "nope", "--endpoint", server.URL}, "--table nope: there is none in region")
}

// TestTheAccessLogNamesTheIdentity that AWS knows, and not the user of a machine.
func TestTheAccessLogNamesTheIdentity(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	a.install()
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": a.url, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "eu-south-1"} {
		t.Setenv(name, value)
	}
	for _, place := range [][]string{{"--stage", "dev", "--owner", a.owner}, {"--table", "infocig-dev-table"}} {
		for _, args := range [][]string{{"close", "--reason", "guasto"}, {"open"}} {
			if _, text, err := ops(t, "", append(args, place...)...); err != nil {
				t.Fatal(text, err)
			}
		}
		_, text, err := ops(t, "", append([]string{"accesses", "desk"}, place...)...)
		must(t, err)
		var all []store.Access
		if err := json.Unmarshal([]byte(text), &all); err != nil || len(all) < 2 {
			t.Fatalf("%s, %v", text, err)
		}
		for _, one := range all {
			if one.Who != "ops:moto" {
				t.Errorf("%v: %+v", place, one)
			}
		}
	}
	for arn, want := range map[string]string{"arn:aws:sts::1:assumed-role/Operator/anna.b": "anna.b", "arn:aws:iam::1:user/team/op": "op", "arn:aws:iam::1:root": "root"} {
		if got := (caller{arn: arn}).name(); got != want {
			t.Errorf("%s: %s, want %s", arn, got, want)
		}
	}
}

// TestTheOldSecretIsNotDroppedTooEarly: an answer, or --yes, decides before the new one is good everywhere.
func TestTheOldSecretIsNotDroppedTooEarly(t *testing.T) {
	v := newVault(t, firstSecret)
	printed, _, err := v.rotate("")
	must(t, err)
	two := v.stored("AWSCURRENT")
	for _, input := range []string{"", "no\n"} {
		_, text, err := v.rotate(input, "--finish")
		if err == nil || !strings.Contains(err.Error(), "good_from of the new secret is 20") || !strings.Contains(text, "Type yes") || v.stored("AWSCURRENT") != two {
			t.Errorf("%q: %s, %v", input, text, err)
		}
	}
	if _, text, err := v.rotate("yes\n", "--finish"); err != nil || v.stored("AWSCURRENT") != printed["new_secret"] {
		t.Errorf("confirmed: %s, %v", text, err)
	}
	if err := (rotateCommand{}).goodAlready(terminal{}, time.Now().Add(-time.Second)); err != nil {
		t.Errorf("it is good everywhere: %v", err)
	}
}

// TestTheIDOfAChangedTree: the same changes have the same id, and others another.
func TestTheIDOfAChangedTree(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=n", "-c", "user.email=n@example.org"}, args...)...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatal(string(out))
		}
	}
	write := func(name, text string) {
		t.Helper()
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	git("init", "-q")
	write("functions/a.go", "package a")
	write(".gitignore", "/shared/made")
	git("add", "-A")
	git("commit", "-qm", "first")
	id := func(folder string) string {
		t.Helper()
		id, err := commit(t.Context(), filepath.Join(dir, folder))
		must(t, err)
		return id
	}
	clean := id(".")
	if len(clean) != 12 {
		t.Fatalf("clean: %s", clean)
	}
	write("shared/made", "by a build")
	write("notes.txt", "of somebody")
	if got := id("."); got != clean {
		t.Errorf("what is in no deployment makes %s of %s", got, clean)
	}
	seen := map[string]string{clean: "clean"}
	for _, change := range [][2]string{{"functions/a.go", "package b"}, {"functions/a.go", "package c"}, {"shared/è new.go", "package d"}, {"shared/è new.go", "package e"}} {
		write(change[0], change[1])
		got := id(".")
		if seen[got] != "" || !strings.HasPrefix(got, clean+"-changed-") || len(got) != len(clean)+len("-changed-")+8 || topology.ReleaseIn(topology.Description(topology.Citizen, got)) != got {
			t.Errorf("%v: %s, as %s", change, got, seen[got])
		}
		if again := id("functions"); again != got {
			t.Errorf("%v: %s, and then %s", change, got, again)
		}
		seen[got] = strings.Join(change[:], " ")
	}
}

// TestAReleaseThatIsThereTwice is found by its time only.
func TestAReleaseThatIsThereTwice(t *testing.T) {
	at := func(r release, hour int) release {
		r.At = time.Date(2026, 11, 25, hour, 0, 0, 500, time.UTC)
		return r
	}
	all := []release{at(rel("r1", "1", "1"), 1), at(rel("r2", "2", "2"), 2), at(rel("r1", "3", "3"), 3), at(rel("r2", "2", "2"), 4)}
	_, err := find(all, "r1")
	if err == nil || !strings.Contains(err.Error(), "2026-11-25T01:00:00.0000005Z") || !strings.Contains(err.Error(), "2026-11-25T03:00:00.0000005Z") {
		t.Errorf("twice: %v", err)
	}
	for id, want := range map[string]string{"2026-11-25T01:00:00.0000005Z": "1", "2026-11-25T03:00:00.0000005Z": "3", "r2": "2"} {
		if r, err := find(all, id); err != nil || r.Functions["a"] != want {
			t.Errorf("%s: %+v, %v", id, r, err)
		}
	}
}
