package sim_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
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
	file string   // from the root of the module
	edit []string // and in another file, after its name
}

// A source is a file and what is changed in it.
type source struct {
	name string
	edit []string
}

// files returns what is changed, file by file.
func (p plant) files() []source {
	all := []source{{name: p.file}}
	for _, text := range p.edit {
		if strings.HasPrefix(text, "shared/") && strings.HasSuffix(text, ".go") {
			all = append(all, source{name: text})
			continue
		}
		last := &all[len(all)-1]
		last.edit = append(last.edit, text)
	}
	return all
}

// plants are bugs of live chats. Each edit is a text and what stands in its place.
var plants = []plant{
	{"no dedupe of resends", "shared/chat/conversation/act.go", []string{
		"case number == p.Number && digest == p.Digest:", "case false:", "case number <= p.Number:", "case number < p.Number:"}},
	{"acknowledged before the commit", "shared/chat/desk/desk.go", []string{"if err != nil && lost == nil {", "if false {"}},
	{"an entry overwrites another", "shared/chat/store/step.go", []string{"table.Put(entryKey(e.Conversation, e.Seq), it).If(table.Absent())", "table.Put(entryKey(e.Conversation, e.Seq), it)"}},
	{"assigned without the advisor's condition", "shared/chat/store/advisor.go", []string{
		"If(table.And(\n\t\t\thasEpoch(c.Epoch), table.Has", "If(table.Or(table.Present(),\n\t\t\thasEpoch(c.Epoch), table.Has"}},
	{"the slot is not taken", "shared/chat/store/change.go", []string{
		"add(TakeSlot{Advisor: identity.StaffID(is.Advisor.ID), Conversation: id, Epoch: is.Advisor.Epoch, At: next.At})", "_ = id"}},
	{"the slot is not given back", "shared/chat/store/change.go", []string{
		"add(GiveSlot{Advisor: identity.StaffID(was.Advisor.ID), Conversation: id, Pause: next.Reason == conversation.OfferMissed})", "_ = id"}},
	{"the slot is given back twice: when the citizen is away, too", "shared/chat/store/change.go", []string{
		"if was.Open() && !is.Open() {", "if was.Open() && is.Status != conversation.Assigned {"}},
	{"a late $disconnect removes a newer connection", "shared/chat/conversation/act.go", []string{
		`a.Connection == "" || s.Citizen.Connection != a.Connection {`, `a.Connection == "" || s.Citizen.Connection == "" {`}},
	{"a stale epoch is accepted", "shared/chat/conversation/decide.go", []string{"case by.Epoch < p.Epoch:", "case false:"}},
	{"requeued with a new ticket", "shared/chat/conversation/act.go", []string{
		"s.Status, s.Returned = Queued, true", "s.Status, s.Returned = Queued, true\n\ts.Ticket.N += 100"}},
	{"the outbox is only in memory", "shared/chat/store/change.go", []string{"add(Out{Escalation: *next.Escalation})", "_ = id"}},
	{"an escalation is sent again with a new key", "shared/chat/escalation/forward.go", []string{
		"return d.Linea.Deliver(ctx, Delivery{Escalation: e,", "e.ID += conversation.EscalationID(d.NewID())\n\treturn d.Linea.Deliver(ctx, Delivery{Escalation: e,"}},
	{"the answer of Linea INPS is not asked for before a resend", "shared/chat/escalation/forward.go", []string{
		"if errors.Is(err, code.NotFound) { // asked", "if true { // asked", "answer, err = d.deliver(ctx, e)", "e.ID += conversation.EscalationID(d.NewID())\n\t\tanswer, err = d.deliver(ctx, e)"}},
	{"news of an escalation are stored twice", "shared/chat/conversation/act.go", []string{
		"known = known || e.Step <= s.Progress.Step", "_ = e.Step", "known := s.Escalation != e.ID || s.Progress.Final", "known := s.Escalation != e.ID"}},
	{"hours are checked when the page is loaded only", "shared/chat/desk/join.go", []string{
		"if !decision.Admitted() {\n\t\treturn d.rejoin", "if false {\n\t\treturn d.rejoin",
		"; late.State == admission.Closed && !late.Early {", "; late.State == \"\" {"}},
	{"somebody is served before the opening bell", "shared/chat/desk/dispatch.go", []string{"if err != nil || !day.Serving {", "if err != nil || !day.Serving && false {"}},
	{"who waits for the opening is sent away", "shared/chat/upkeep/sweep.go", []string{"case st.Status == conversation.Queued && !s.day.Serving && !s.day.Early:", "case st.Status == conversation.Queued && !s.day.Serving:", "!s.day.Serving && !s.day.Early || s.Time()", "!s.day.Serving || s.Time()"}},
	{"the closing bell ends who was admitted", "shared/chat/desk/desk.go", []string{"return s.Open || s.Reason", "return s.Open || false && s.Reason"}},
	{"a 410 ends the conversation", "shared/chat/desk/desk.go", []string{
		"if _, err := d.ApplyAt(ctx, e, System, conversation.Away{", "defer func() { _, _ = d.Apply(ctx, e.Conversation, System, conversation.Expire{Reason: conversation.AwayTooLong}) }()\n\tif _, err := d.ApplyAt(ctx, e, System, conversation.Away{"}},
	{"two live conversations of one person", "shared/chat/store/change.go", []string{
		"add(SetLive{Holder: is.Holder(), Conversation: id, Company: is.Company, Seen: next.At})", "_ = id"}},
	{"nobody looks at the line when an advisor becomes available", "shared/chat/desk/duty.go", []string{
		"d.dispatchTo(ctx, me)\n\treturn me, nil", "return me, nil", "d.dispatchTo(ctx, me) // available", "_ = me // available"}},
	{"nobody looks at the line when a slot is freed", "shared/chat/desk/talk.go", []string{
		"d.dispatchFor(ctx, identity.StaffID(a.Before.State.Advisor.ID))", "_ = ctx"}},
	{"a position still counts who left", "shared/chat/store/change.go", []string{"add(Gone{Ticket: is.Ticket, At: next.At})", "_ = id"}},
	{"a position still counts tickets that nobody has", "shared/chat/upkeep/tally.go", []string{"&& s.counted(topic) {", "&& false {"}},
	{"the front is served after the tickets", "shared/chat/desk/heads.go", []string{
		"for _, t := range line.Returned {", "for _, t := range line.Returned {\n\t\tif line.Taken() > line.Called() {\n\t\t\tbreak\n\t\t}"}},
	{"a closure leaves those who wait where they are", "shared/chat/upkeep/closure.go", []string{
		"a, err := d.endWait(ctx, page[i].Conversation, why, c.At)", "a, err := desk.Applied{}, error(nil)"}},
	{"a closure gives the grace of an evening", "shared/chat/desk/desk.go", []string{
		"s.Reason == hours.OutsideHours && c.Is", "s.Reason != hours.OnHoliday && c.Is"}},
	{"nobody looks after those who talk when the desk is closed", "shared/chat/upkeep/watch.go", []string{"&& swept.Looked == 0", "&& true"}},
	{"the last in line is served first", "shared/chat/desk/heads.go", []string{
		"N: c.from + 1 + i}", "N: line.Shards[c.shard].Taken - i}"}},
	{"round robin across shards", "shared/chat/desk/heads.go", []string{
		"all[calls[i].n] < places[oldest][calls[oldest].n]", "calls[i].from+calls[i].n < calls[oldest].from+calls[oldest].n"}},
	{"a resend after the conversation came back is new", "shared/chat/conversation/entry.go", []string{"if f.ID == id {", "if f.ID == id && false {"}},
	{"a former advisor may still write", "shared/chat/conversation/decide.go", []string{`if by.ID == "" || p == nil || p.ID != by.ID {`, `if by.ID == "" || p == nil || p.ID != by.ID && s.Last != identity.StaffID(by.ID) {`}},
	{"who stepped aside loses the ticket", "shared/chat/conversation/here.go", []string{"s.Aside = true", "s.Aside, s.Ticket.N = true, s.Ticket.N+100"}},
	{"who is asked has no time to answer", "shared/chat/conversation/here.go", []string{"next.At.Before(*s.AnswerUntil)", "false", "shared/chat/desk/here.go", "!t.Before(*s.AnswerUntil)", "true"}},
	{"who stepped aside is called and forgotten", "shared/chat/store/change.go", []string{"case waits && !waited:", "case waits && !waited && !was.Aside:"}},
	{"nobody looks for an advisor for whoever answers late", "shared/chat/desk/desk.go", []string{"d.Dispatch(ctx, a.Entry.State.Topic, conversation.Entry{}) // the citizen", "_ = ctx // the citizen"}},
	{"a read misses the tail", "shared/chat/desk/view.go", []string{
		"page, err := d.Store.Read(ctx, id, since, Page)\n\tif err", "page, err := d.Store.Read(ctx, id, since, Page)\n\tif n := len(page); n > 1 && who.Side == identity.SideCitizen && page[n-1].Kind == conversation.KindMessage {\n\t\tpage = page[:n-1]\n\t}\n\tif err"}},
	{"the list of who waits decides, not the log", "shared/chat/conversation/act.go", []string{"case s.Status != Queued, !s.Present():\n\t\treturn refuse(code.Conflict)\n\t}\n\ts.Status, s.Returned, s.For", "}\n\ts.Status, s.Returned, s.For"}},
	{"the closing bell ignores the wait", "shared/chat/admission/policy.go", []string{".Add(l.HighWait).Add(l.Handling).After(closes)", ".Add(l.Handling).After(closes)"}},
	{"a ticket that has expired is taken", "shared/chat/store/records.go", []string{"table.Greater(until, table.InstantOf(now))", "table.Has(until)", "now time.Time", "_ time.Time"}},
	{"a ticket is taken twice", "shared/chat/store/records.go", []string{"table.Delete(passKey(id)).If(", "table.Update(passKey(id), table.SetTo(\"used\", table.BoolOf(true))).If("}},
	{"the sweep looks at the first page only", "shared/chat/upkeep/sweep.go", []string{`if from = next; from == "" {`, `if from = next; true {`}},
	{"an error in the middle of a batch is swallowed", "shared/chat/upkeep/dossier.go", []string{
		"if err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{drop}}); err != nil {\n\t\t\treturn err", "if err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{drop}}); false {\n\t\t\treturn err"}},
	{"a slip is used twice", "shared/chat/desk/join.go", []string{"step.Changes = append(step.Changes, store.DropSlip{", "_ = append(step.Changes, store.DropSlip{"}},
	{"who has a slip waits in line too", "shared/chat/store/change.go", []string{" || next.Kind == conversation.KindJoined && is.Returned {", " {"}},
	{"the lease of a page whose timers are slowed down is that of a visible one", "shared/chat/desk/duty.go", []string{
		"return d.Time().Add(d.Times.SlowLease)", "return d.Time().Add(d.Times.AdvisorLease)"}},
	{"nobody pings a client that is silent", "shared/chat/upkeep/silence.go", []string{"given-left >= s.Times.Silence", "false"}},
	{"a frame that changes nothing shortens the lease", "shared/chat/desk/silence.go", []string{", Extend: true}", "}"}},
	{"an advisor is offered over a closed socket", "shared/chat/conversation/advisor.go", []string{"return a.Connection != \"\" && a.Lease.After(t)", "return a.Lease.After(t)",
		"shared/chat/store/advisor.go", "table.Has(\"connection\"), table.Equal", "table.Equal"}},
	{"a citizen who is not connected is offered", "shared/chat/conversation/entry.go", []string{"return s.Citizen.Connection != \"\" && !s.Aside", "return !s.Aside"}},
	{"silence counts whoever's turn it is", "shared/chat/conversation/act.go", []string{
		"s.Accepted() && s.AnswerUntil != nil && !next.At.Before(*s.AnswerUntil):", "s.Accepted():",
		"shared/chat/upkeep/sweep.go", "case st.Accepted() && st.AnswerUntil != nil && !t.Before(*st.AnswerUntil):", "case st.Accepted() && st.Advisor.Seq > st.Citizen.Seq && t.Sub(time.UnixMilli(st.Advisor.At)) > s.Times.IdleLimit:"}},
	{"a phone that sleeps ends the conversation while it is the advisor's turn", "shared/chat/desk/silence.go", []string{
		"case s.Advisor.Seq > s.Citizen.Seq:", "default:"}},
	{"a place is lost although the page is open", "shared/chat/upkeep/sweep.go", []string{
		"case st.Aside && !s.day.Serving && !s.day.Early:", "case st.Aside:"}},
	{"citizens are asked while nobody serves", "shared/chat/upkeep/sweep.go", []string{" && s.attended(st.Topic): // not long", ": // not long"}},
	{"another company of the person sees the conversation", "shared/chat/conversation/entry.go", []string{"return s.Company == company", "return true"}},
	{"another company gets the live conversation", "shared/chat/desk/view.go", []string{"if live.Company != who.Company {", "if false {", "shared/chat/conversation/entry.go", "return s.Company == company", "return true"}},
	{"a person waits for two companies at a time", "shared/chat/conversation/entry.go", []string{
		"return queue.HolderOf(identity.PersonID(s.Citizen.ID), s.Ticket.Topic)", "return queue.HolderOf(identity.PersonID(s.Citizen.ID), s.Ticket.Topic) + queue.HolderID(s.Company)"}},
	{"a ticket from before the logout opens a socket", "shared/chat/desk/visit.go", []string{"if err := d.dropPasses(ctx, who); err != nil {", "if err := error(nil); err != nil {"}},
	{"an advisor who logs out keeps the conversations", "shared/chat/desk/visit.go", []string{"return d.handOver(ctx, identity.StaffID(who.ID))", "return nil"}},
	{"an advisor is given the own question", "shared/chat/conversation/advisor.go", []string{"return a.Person == \"\" || string(a.Person) != s.Citizen.ID", "return true"}},
	{"retention keeps the first entry", "shared/chat/upkeep/dossier.go", []string{"for _, e := range c.Entries {\n\t\tdrops", "for _, e := range c.Entries[1:] {\n\t\tdrops"}},
}

var (
	only   = flag.String("plant", "", "those planted bugs only that have this in their `names`")
	update = flag.Bool("update", false, "write the runs in which planted bugs are seen to "+seenIn)
)

// seenIn has the run in which each bug was seen last, by its name. It is tried
// before the others: elsewhere a bug may need a thousand. A change of the code may
// move it, and then all are tried again.
const seenIn = "testdata/planted.json"

// enough is within how many runs each must be seen.
const enough = 2000

var violation = regexp.MustCompile(`seed (\d+): \[(I-\d+): (.*)`)

// A sight is the first run in which a planted bug was seen, and what was.
type sight struct{ seed, invariant, what string }

// TestPlantedBugs builds the simulator with each bug and waits until it is seen.
func TestPlantedBugs(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	raw, err := os.ReadFile(seenIn)
	if err == nil {
		err = json.Unmarshal(raw, &known)
	}
	if err != nil {
		t.Fatal(err)
	}
	found := make([]sight, len(plants))
	began := time.Now()
	var wait sync.WaitGroup
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, p := range plants {
		if !strings.Contains(p.name, *only) {
			continue
		}
		wait.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			found[i] = planted(t, root, p, known[p.name])
		})
	}
	wait.Wait()
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	moved := 0
	for i, p := range plants {
		if found[i].seed == "" {
			continue
		}
		if known[p.name] != found[i].seed {
			moved++
			known[p.name] = found[i].seed
		}
		_, _ = fmt.Fprintf(w, "%s\tseed %s\t%s\t%.70s\n", p.name, found[i].seed, found[i].invariant, found[i].what) // to memory
	}
	_ = w.Flush()
	t.Logf("%d bugs, %v, %d in another run than %s says (-update writes it):\n%s", len(plants), time.Since(began).Round(time.Second), moved, seenIn, table.String())
	if *update {
		remember(t, known)
	}
}

// remember writes in which runs the bugs of today are seen.
func remember(t *testing.T, known map[string]string) {
	t.Helper()
	maps.DeleteFunc(known, func(name, _ string) bool {
		return !slices.ContainsFunc(plants, func(p plant) bool { return p.name == name })
	})
	raw, err := json.MarshalIndent(known, "", "\t")
	if err == nil {
		err = os.WriteFile(seenIn, append(raw, '\n'), 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}

// planted builds the simulator with a bug and returns the first run that shows it:
// the one that is known, or one of all.
func planted(t *testing.T, root string, p plant, known string) (s sight) {
	t.Helper()
	binary, ok := build(t, root, p)
	if !ok {
		return s
	}
	defer func() { _ = os.Remove(binary) }() // each is large
	out := ""
	for _, runs := range [][]string{{"-from", known, "-seeds", "1"}, {"-seeds", fmt.Sprint(enough)}} {
		if runs[1] == "" {
			continue
		}
		args := append([]string{"-test.run", "^TestSim$", "-test.cpu", "1", "-stop", "1"}, runs...)
		raw, _ := exec.CommandContext(t.Context(), binary, args...).CombinedOutput() // fails, if all is well
		out = string(raw)
		if m := violation.FindStringSubmatch(out); m != nil {
			return sight{m[1], m[2], m[3]}
		}
	}
	t.Errorf("%q is not seen in %d runs:\n%s", p.name, enough, out[max(0, len(out)-800):])
	return s
}

// build returns the simulator with a bug in it.
func build(t *testing.T, root string, p plant) (binary string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	overlay, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "sim.test")
	bad := map[string]string{}
	for n, file := range p.files() {
		source, err := os.ReadFile(filepath.Join(root, file.name))
		if err != nil {
			t.Error(err)
			return "", false
		}
		text := string(source)
		for n := 0; n < len(file.edit); n += 2 {
			if strings.Count(text, file.edit[n]) != 1 {
				t.Errorf("%q: %s has %q %d times", p.name, file.name, file.edit[n], strings.Count(text, file.edit[n]))
				return "", false
			}
			text = strings.Replace(text, file.edit[n], file.edit[n+1], 1)
		}
		changed := filepath.Join(dir, fmt.Sprint(n, ".go"))
		if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
			t.Error(err)
			return "", false
		}
		bad[filepath.Join(root, file.name)] = changed
	}
	list, err := json.Marshal(map[string]any{"Replace": bad})
	if err == nil {
		err = os.WriteFile(overlay, list, 0o600)
	}
	if err != nil {
		t.Error(err)
		return "", false
	}
	// Without what only a debugger reads it is linked in half the time.
	cmd := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", binary, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%q does not build: %s", p.name, out)
		return "", false
	}
	return binary, true
}
