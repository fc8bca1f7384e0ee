package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/hours"
	"infocig/shared/table/dynamo"
)

// A faulty account answers as another, but for what is made to fail.
type faulty struct {
	mu       sync.Mutex
	refuse   string       // action of DynamoDB that fails
	window   [2]time.Time // of backups, where it is not the server's
	creating int          // for so many looks a new table is not there
	asked    []string
	body     []byte // of the last restore
}

// before starts the server that stands before an account.
func (f *faulty) before(t *testing.T, to string) string {
	t.Helper()
	target, err := url.Parse(to)
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		_, action, _ := strings.Cut(r.Request.Header.Get("X-Amz-Target"), ".")
		if (action != "DescribeTable" || f.creating == 0) && action != "DescribeContinuousBackups" {
			return nil
		}
		body, err := io.ReadAll(r.Body)
		if action == "DescribeContinuousBackups" {
			for n, name := range []string{"Earliest", "Latest"} {
				if !f.window[n].IsZero() {
					body = regexp.MustCompile(`("`+name+`RestorableDateTime": )[0-9.]+`).ReplaceAll(body, fmt.Appendf(nil, "${1}%d", f.window[n].Unix()))
				}
			}
		}
		if action == "DescribeTable" && bytes.Contains(body, []byte("RestoreSummary")) {
			f.creating--
			body = bytes.Replace(body, []byte(`"ACTIVE"`), []byte(`"CREATING"`), 1)
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Length", fmt.Sprint(len(body)))
		r.Header.Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE(body)))
		return err
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		f.mu.Lock()
		f.asked = append(f.asked, action)
		refused := f.refuse != "" && f.refuse == action
		if action == "RestoreTableToPointInTime" {
			f.body, _ = io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(f.body))
		}
		f.mu.Unlock()
		if refused {
			const body = `{"__type":"AccessDeniedException","message":"no"}`
			w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(body))))
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, body)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestRestore restores a table, stops at each step, and goes on.
func TestRestore(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	a.install()
	client := a.dynamo()
	const source = "infocig-dev-table"
	_, err := client.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: aws.String(source), DeletionProtectionEnabled: aws.Bool(true)})
	must(t, err)
	t.Setenv("PSEUDONYM_KEY", "")
	must(t, a.secret("infocig-dev-pseudonym-key", "pseudonyms of invented people only"))
	before := store.New(dynamo.New(client, source))
	gone, kept := fill(t, before, fiscalCode, time.Now().Add(-time.Hour)), fill(t, before, other, time.Now().Add(-time.Hour))

	now := time.Now()
	f := &faulty{window: [2]time.Time{now.Add(-48 * time.Hour), now.Add(time.Minute)}}
	address := f.before(t, a.url)
	restore := func(input string, args ...string) (string, error) {
		_, text, err := ops(t, input, append([]string{"restore", "--stage", "dev", "--endpoint", address, "--owner", a.owner, "--look", "10ms"}, args...)...)
		return text, err
	}
	// What cannot be is said before anything is closed.
	for want, args := range map[string][]string{
		"is off": {"--at", now.Add(-time.Hour).Format(time.RFC3339)},
	} {
		if text, err := restore("guasto\n", append(args, "--target", "restored")...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s, %v", want, text, err)
		}
	}
	a.backups(source)
	for want, args := range map[string][]string{
		"--target a: want 3 to 255":        {"--at", now.Format(time.RFC3339), "--target", "a"},
		"--target à la carte: want":        {"--at", now.Format(time.RFC3339), "--target", "à la carte"},
		"it is the table":                  {"--at", now.Format(time.RFC3339), "--target", source},
		"give another --target":            {"--at", now.Format(time.RFC3339), "--target", source + "-ledger"},
		"backups go back 35 days":          {"--at", now.AddDate(0, 0, -36).Format(time.RFC3339)},
		"can be restored to a time from 2": {"--at", now.AddDate(0, 0, -3).Format(time.RFC3339)},
		"want a time that is over":         {"--at", now.Add(time.Hour).Format(time.RFC3339)},
		"nobody answers: give --reason":    {"--at", now.Format(time.RFC3339)},
	} {
		input := "guasto\n"
		if strings.HasPrefix(want, "nobody") {
			input = ""
		}
		if text, err := restore(input, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s, %v", want, text, err)
		}
	}
	f.window[1] = now.Add(-time.Hour)
	if text, err := restore("guasto\n", "--at", now.Format(time.RFC3339)); err == nil || !strings.Contains(err.Error(), "can be restored to a time from 2") {
		t.Errorf("too new: %s, %v", text, err)
	}
	f.window[1] = now.Add(time.Minute)
	if rules, err := before.DeskRules(t.Context()); err != nil || len(rules.Closures) != 0 || slices.Contains(f.asked, "RestoreTableToPointInTime") {
		t.Errorf("something has happened: %+v, %v, %v", rules, err, f.asked)
	}

	// Stopped after the table was made; moto makes it of what is there now, whatever the time. Then a person is erased, and the desk is closed.
	at := time.Now().UTC()
	f.refuse, f.creating = "UpdateContinuousBackups", 3
	text, err := restore("\n", "--at", at.Format(time.RFC3339), "--target", "restored")
	if err == nil || !strings.Contains(err.Error(), "stopped at recovery") || !strings.Contains(text, "left as it is") || strings.Count(text, "CREATING") != 1 {
		t.Fatalf("%s, %v", text, err)
	}
	for _, want := range []string{`"TargetTableName":"restored"`, `"SourceTableName":"infocig-dev-table"`, `"KMSMasterKeyId":"alias/infocig-dev-data"`, fmt.Sprintf(`"RestoreDateTime":%d`, at.Unix())} {
		if !bytes.Contains(f.body, []byte(want)) {
			t.Errorf("asked for %s without %s", f.body, want)
		}
	}
	if _, text, err := ops(t, fiscalCode+"\nyes\n", "erase", "--stage", "dev", "--endpoint", a.url, "--owner", a.owner); err != nil {
		t.Fatal(text, err)
	}
	restored := store.New(dynamo.New(client, "restored"))
	if _, err := restored.Tail(t.Context(), gone); err != nil {
		t.Fatalf("the backup lacks the conversation: %v", err)
	}
	for _, stop := range []struct{ action, step string }{ // each after what was made before
		{"TransactWriteItems", "desk"}, {"DescribeContinuousBackups", "recovery"}, {"UpdateTimeToLive", "time to live"}, {"UpdateTable", "deletion protection"}, {"PutItem", "rules"}, {"DeleteItem", "erasures"},
	} {
		f.refuse = stop.action
		if text, err := restore("", "--at", at.Format(time.RFC3339), "--target", "restored", "--reason", "manutenzione"); err == nil || !strings.Contains(err.Error(), "stopped at "+stop.step) {
			t.Errorf("%s: %s, %v", stop.action, text, err)
		}
	}
	f.refuse = ""
	for range 2 { // and once more does no harm
		text, err = restore("", "--at", at.Format(time.RFC3339), "--target", "restored", "--reason", "manutenzione")
		if err != nil || !strings.Contains(text, "1 erasures were given again") || !strings.Contains(text, `"restored_table": "restored"`) || !strings.Contains(text, "CANARY=off") {
			t.Fatalf("%s, %v", text, err)
		}
	}
	if n := strings.Count(strings.Join(f.asked, " "), "RestoreTableToPointInTime"); n != 1 {
		t.Errorf("restored %d times", n)
	}

	if _, err := restored.Tail(t.Context(), gone); !errors.Is(err, code.NotFound) {
		t.Errorf("the erased conversation is back: %v", err)
	}
	if _, err := restored.Tail(t.Context(), kept); err != nil {
		t.Errorf("somebody else's is gone: %v", err)
	}
	rules, err := before.DeskRules(t.Context())
	must(t, err)
	copied, err := restored.DeskRules(t.Context())
	must(t, err)
	policy, err := copied.Policy()
	must(t, err)
	if s := policy.Calendar.At(time.Now()); s.Reason != hours.OnClosure || s.Name != "manutenzione" || copied.Rev != rules.Rev {
		t.Errorf("the desk would open on the restored table: %+v, %+v", s, copied)
	}
	backups, err := client.DescribeContinuousBackups(t.Context(), &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String("restored")})
	must(t, err)
	live, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("restored")})
	must(t, err)
	table, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("restored")})
	must(t, err)
	if got := fmt.Sprintln(backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus, live.TimeToLiveDescription.TimeToLiveStatus,
		aws.ToString(live.TimeToLiveDescription.AttributeName), aws.ToBool(table.Table.DeletionProtectionEnabled)); got != "ENABLED ENABLED expires true\n" {
		t.Errorf("the table is %s", got)
	}

	for name, args := range map[string][]string{
		"is over":           {"--at", time.Now().Add(time.Hour).Format(time.RFC3339)},
		"another --target":  {"--at", at.Add(-time.Hour).Format(time.RFC3339), "--target", "restored"},
		"another --target ": {"--at", at.Format(time.RFC3339), "--target", source + "-ledger"},
	} {
		if text, err := restore("", args...); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(name)) {
			t.Errorf("%v: %s, %v", args, text, err)
		}
	}
}

// TestRulesOfABackup: those of now are copied, also where there are none.
func TestRulesOfABackup(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	a.install()
	old, fresh := store.New(dynamo.New(a.dynamo(), "infocig-dev-table")), store.New(dynamo.New(a.dynamo(), "infocig-dev-table-ledger"))
	set := func(s store.Store, rev, shards int) {
		must(t, s.Commit(t.Context(), store.Step{Changes: []store.Change{store.SetDeskRules{Rules: store.DeskRules{Rev: rev, Shards: shards}}}}))
	}
	set(fresh, 1, 2)
	for rev := range 3 {
		set(old, rev+1, 5)
	}
	must(t, store.CopyRules(t.Context(), dynamo.New(a.dynamo(), "infocig-dev-table-ledger"), dynamo.New(a.dynamo(), "infocig-dev-table")))
	if r, err := fresh.DeskRules(t.Context()); err != nil || r.Rev != 3 || r.Shards != 5 {
		t.Errorf("%+v, %v", r, err)
	}
	set(fresh, 4, 6) // and are changed as before
	must(t, a.dynamoForget("infocig-dev-table"))
	must(t, store.CopyRules(t.Context(), dynamo.New(a.dynamo(), "infocig-dev-table-ledger"), dynamo.New(a.dynamo(), "infocig-dev-table")))
	if r, err := fresh.DeskRules(t.Context()); err != nil || r.Rev != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
