package sim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// A plant is a bug that the simulator must see: the code as it is, and as somebody
// could have written it. It is built by an overlay, so that no bug is anywhere in
// the product, also not behind a tag.
type plant struct {
	name string
	file string // from the root of the module
	edit []string
}

// plants are bugs of live chats. Each edit is a text and what stands in its place.
var plants = []plant{
	{"no dedupe of resends", "shared/chat/act.go", []string{
		"case number == p.Number && digest == p.Digest:", "case false:", "case number <= p.Number:", "case number < p.Number:"}},
	{"acknowledged before the commit", "shared/chat/desk.go", []string{"if err != nil && lost == nil {", "if false {"}},
	{"an entry overwrites another", "shared/embedded/commit.go", []string{"return &chat.Lost{Entry: stored}", "_ = stored"}},
	{"assigned without the advisor's condition", "shared/embedded/commit.go", []string{
		"met = a.Epoch == c.Epoch && a.Presence == chat.Available && a.Lease.After(c.At) && len(a.Open) < a.Capacity", "_ = c.Epoch"}},
	{"the slot is not taken", "shared/chat/step.go", []string{
		"add(TakeSlot{Advisor: AdvisorID(is.Advisor.ID), Conversation: id, Epoch: is.Advisor.Epoch, At: next.At})", "_ = id"}},
	{"the slot is not given back", "shared/chat/step.go", []string{
		"add(GiveSlot{Advisor: AdvisorID(was.Advisor.ID), Conversation: id, Pause: next.Reason == OfferMissed})", "_ = id"}},
	{"the slot is given back twice: when the citizen is away, too", "shared/chat/step.go", []string{
		"if was.Open() && !is.Open() {", "if was.Open() && is.Status != Assigned {"}},
	{"a late $disconnect removes a newer connection", "shared/chat/act.go", []string{
		`a.Connection == "" || s.Citizen.Connection != a.Connection {`, `a.Connection == "" || s.Citizen.Connection == "" {`}},
	{"a stale epoch is accepted", "shared/chat/decide.go", []string{"case by.Epoch < p.Epoch:", "case false:"}},
	{"requeued with a new ticket", "shared/chat/act.go", []string{
		"s.Status, s.Returned = Queued, true", "s.Status, s.Returned = Queued, true\n\ts.Ticket.N += 100"}},
	{"the outbox is only in memory", "shared/chat/step.go", []string{"add(Out{Escalation: *next.Escalation})", "_ = id"}},
	{"an escalation is sent again with a new key", "shared/chat/forward.go", []string{
		"return d.Linea.Deliver(ctx, Delivery{Escalation: e,", "e.ID += EscalationID(d.NewID())\n\treturn d.Linea.Deliver(ctx, Delivery{Escalation: e,"}},
	{"the answer of Linea INPS is not asked for before a resend", "shared/chat/forward.go", []string{
		"if errors.Is(err, NotFound) { // asked", "if true { // asked", "answer, err = d.deliver(ctx, e)", "e.ID += EscalationID(d.NewID())\n\t\tanswer, err = d.deliver(ctx, e)"}},
	{"news of an escalation are stored twice", "shared/chat/act.go", []string{
		"known = known || e.Step <= s.Progress.Step", "_ = e.Step", "known := s.Escalation != e.ID || s.Progress.Final", "known := s.Escalation != e.ID"}},
	{"hours are checked when the page is loaded only", "shared/chat/join.go", []string{
		"if !decision.Admitted() {\n\t\treturn d.rejoin", "if false {\n\t\treturn d.rejoin",
		"} else if late.State == admission.Closed && !late.Early {", "} else if late.State == \"\" {"}},
	{"somebody is served before the opening bell", "shared/chat/dispatch.go", []string{"if err != nil || !day.serving {", "if err != nil || !day.serving && false {"}},
	{"who waits for the opening is sent away", "shared/chat/sweep.go", []string{"case st.Status == Queued && !s.serving && !s.early:", "case st.Status == Queued && !s.serving:", "!s.serving && !s.early || s.now()", "!s.serving || s.now()"}},
	{"the closing bell ends who was admitted", "shared/chat/desk.go", []string{"return s.Open || s.Reason", "return s.Open || false && s.Reason"}},
	{"a 410 ends the conversation", "shared/chat/desk.go", []string{
		"if _, err := d.applyAt(ctx, e, system, Away{", "defer func() { _, _ = d.apply(ctx, e.Conversation, system, Expire{Reason: AwayTooLong}) }()\n\tif _, err := d.applyAt(ctx, e, system, Away{"}},
	{"two live conversations of one person", "shared/chat/step.go", []string{
		"add(SetLive{Person: PersonID(is.Citizen.ID), Conversation: id, Seen: next.At})", "_ = id"}},
	{"nobody looks at the line when an advisor becomes available", "shared/chat/duty.go", []string{
		"d.dispatchTo(ctx, me)\n\treturn me, nil", "return me, nil", "d.dispatchTo(ctx, me) // available", "_ = me // available"}},
	{"nobody looks at the line when a slot is freed", "shared/chat/talk.go", []string{
		"d.dispatchFor(ctx, AdvisorID(a.before.State.Advisor.ID))", "_ = ctx"}},
	{"a position still counts who left", "shared/chat/step.go", []string{"add(Gone{Ticket: is.Ticket})", "_ = id"}},
	{"a position still counts tickets that nobody has", "shared/chat/tally.go", []string{"&& s.counted(topic) {", "&& false {"}},
	{"the front is served after the tickets", "shared/chat/heads.go", []string{
		"for _, t := range line.Returned {", "for _, t := range line.Returned {\n\t\tif line.taken() > line.called() {\n\t\t\tbreak\n\t\t}"}},
	{"a closure leaves those who wait where they are", "shared/chat/closure.go", []string{
		"a, err := d.apply(ctx, page[i].Conversation, system, why)", "a, err := applied{}, error(nil)"}},
	{"a closure gives the grace of an evening", "shared/chat/desk.go", []string{
		"s.Reason == hours.OutsideHours && c.Is", "s.Reason != hours.OnHoliday && c.Is"}},
	{"nobody looks after those who talk when the desk is closed", "shared/chat/watch.go", []string{"&& swept.Looked == 0", "&& true"}},
	{"the last in line is served first", "shared/chat/heads.go", []string{
		"N: c.from + 1 + i}", "N: line.Shards[c.shard].Taken - i}"}},
	{"round robin across shards", "shared/chat/heads.go", []string{
		"all[calls[i].n] < places[oldest][calls[oldest].n]", "calls[i].from+calls[i].n < calls[oldest].from+calls[oldest].n"}},
	{"a resend after the conversation came back is new", "shared/chat/entry.go", []string{"if f.ID == id {", "if f.ID == id && false {"}},
	{"a former advisor may still write", "shared/chat/decide.go", []string{`if by.ID == "" || p == nil || p.ID != by.ID {`, `if by.ID == "" || p == nil || p.ID != by.ID && s.Last != AdvisorID(by.ID) {`}},
	{"who stepped aside loses the ticket", "shared/chat/here.go", []string{"s.Aside = true", "s.Aside, s.Ticket.N = true, s.Ticket.N+100"}},
	{"who is asked has no time to answer", "shared/chat/here.go", []string{"next.At.Before(*s.AnswerUntil)", "false", "!t.Before(*s.AnswerUntil)", "true"}},
	{"who stepped aside is called and forgotten", "shared/chat/step.go", []string{"case waits && !waited:", "case waits && !waited && !was.Aside:"}},
	{"nobody looks for an advisor for whoever answers late", "shared/chat/here.go", []string{"d.dispatch(ctx, a.entry.State.Topic, Entry{})", "_ = ctx"}},
	{"a read misses the tail", "shared/chat/view.go", []string{
		"page, err := d.Store.Read(ctx, id, since, Page)\n\tif err", "page, err := d.Store.Read(ctx, id, since, Page)\n\tif n := len(page); n > 1 && who.Side == SideCitizen && page[n-1].Kind == KindMessage {\n\t\tpage = page[:n-1]\n\t}\n\tif err"}},
	{"the list of who waits decides, not the log", "shared/chat/act.go", []string{"case s.Status != Queued, s.Aside:\n\t\treturn refuse(Conflict)\n\t}\n\ts.Status, s.Returned, s.For", "}\n\ts.Status, s.Returned, s.For"}},
	{"the closing bell ignores the wait", "shared/admission/policy.go", []string{".Add(l.HighWait).Add(l.Handling).After(closes)", ".Add(l.Handling).After(closes)"}},
	{"a ticket that has expired is taken", "shared/embedded/read.go", []string{"if err == nil && !p.Expires.After(now) {", "if err == nil && p.Expires.IsZero() {"}},
	{"a ticket is taken twice", "shared/embedded/read.go", []string{"return tx.Bucket(passBucket).Delete([]byte(id))", "return nil"}},
	{"a failed push marks the message as failed", "shared/chat/desk.go", []string{
		"d.announce(ctx, a)\n\t\treturn a, nil", "d.announce(ctx, a)\n\t\tif next.Kind == KindMessage && next.By == SideAdvisor && d.push(ctx, SideCitizen, next.State.Citizen, Happened{Entry: next}) != nil {\n\t\t\treturn a, Conflict\n\t\t}\n\t\treturn a, nil"}},
	{"the sweep looks at the first page only", "shared/chat/sweep.go", []string{`if from = next; from == "" {`, `if from = next; true {`}},
	{"an error in the middle of a batch is swallowed", "shared/chat/dossier.go", []string{
		"if err := d.Store.Commit(ctx, Step{Changes: []Change{drop}}); err != nil {\n\t\t\treturn err", "if err := d.Store.Commit(ctx, Step{Changes: []Change{drop}}); false {\n\t\t\treturn err"}},
	{"a slip is used twice", "shared/chat/join.go", []string{"step.Changes = append(step.Changes, DropSlip{", "_ = append(step.Changes, DropSlip{"}},
	{"who has a slip waits in line too", "shared/chat/step.go", []string{" || next.Kind == KindJoined && is.Returned {", " {"}},
	{"retention keeps the first entry", "shared/chat/dossier.go", []string{"for _, e := range c.Entries {\n\t\tdrops", "for _, e := range c.Entries[1:] {\n\t\tdrops"}},
}

// enough is within how many runs each must be seen.
const enough = 2000

var violation = regexp.MustCompile(`seed (\d+): \[(I-\d+): (.*)`)

// TestPlantedBugs builds the simulator with each bug and waits until it is seen.
func TestPlantedBugs(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	type seen struct{ seed, invariant, what string }
	found := make([]seen, len(plants))
	began := time.Now()
	var wait sync.WaitGroup
	turn := make(chan struct{}, 2)
	for i, p := range plants {
		wait.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			out := planted(t, root, p)
			m := violation.FindStringSubmatch(out)
			if m == nil {
				t.Errorf("%q is not seen in %d runs:\n%s", p.name, enough, out[max(0, len(out)-800):])
				return
			}
			found[i] = seen{m[1], m[2], m[3]}
		})
	}
	wait.Wait()
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for i, p := range plants {
		_, _ = fmt.Fprintf(w, "%s\tseed %s\t%s\t%.70s\n", p.name, found[i].seed, found[i].invariant, found[i].what) // to memory
	}
	_ = w.Flush()
	t.Logf("%d bugs, %v:\n%s", len(plants), time.Since(began).Round(time.Second), table.String())
}

// planted returns what the simulator prints with a bug in it.
func planted(t *testing.T, root string, p plant) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, p.file))
	if err != nil {
		t.Error(err)
		return ""
	}
	text := string(source)
	for n := 0; n < len(p.edit); n += 2 {
		if strings.Count(text, p.edit[n]) != 1 {
			t.Errorf("%q: %s has %q %d times", p.name, p.file, p.edit[n], strings.Count(text, p.edit[n]))
			return ""
		}
		text = strings.Replace(text, p.edit[n], p.edit[n+1], 1)
	}
	dir := t.TempDir()
	bad, overlay, binary := filepath.Join(dir, "bad.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "sim.test")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, p.file): bad}})
	if err == nil {
		err = os.WriteFile(bad, []byte(text), 0o600)
	}
	if err == nil {
		err = os.WriteFile(overlay, list, 0o600)
	}
	if err != nil {
		t.Error(err)
		return ""
	}
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", overlay, "-o", binary, ".").CombinedOutput(); err != nil {
		t.Errorf("%q does not build: %s", p.name, out)
		return ""
	}
	out, _ := exec.CommandContext(t.Context(), binary, "-test.run", "^TestSim$", "-test.cpu", "1", "-seeds", fmt.Sprint(enough), "-stop", "1").CombinedOutput() // fails, if all is well
	return string(out)
}
