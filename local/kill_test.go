package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"infocig/shared/fiscal"
	"infocig/shared/test/servers"
)

// What is killed in these tests comes back, and nothing that was acknowledged is
// lost or doubled. A client here does what a good client does: when there is no
// answer it connects again and sends the same frame with the same number.

// A stubborn is a client that does not give up.
type stubborn struct {
	t      *testing.T
	base   string
	path   string // of its tickets
	token  string
	socket *websocket.Conn
	id     int

	told func(map[string]any) // if set, is told of every frame that comes
	cut  func(error)          // and of every socket that goes
}

const (
	patience  = time.Minute
	oneAnswer = 20 * time.Second // to one request: what is killed answers at once, what is busy late
)

// connect opens a socket, however often it takes.
func (c *stubborn) connect() {
	c.t.Helper()
	for end := time.Now().Add(patience); ; {
		err := c.dial()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			c.t.Fatalf("cannot connect: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (c *stubborn) dial() error {
	var ticket struct {
		URL string `json:"url"`
	}
	if err := post(c.t.Context(), c.base+c.path, c.token, map[string]any{}, &ticket); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), oneAnswer)
	defer cancel()
	socket, _, err := websocket.Dial(ctx, ticket.URL, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {c.base}}})
	if err != nil {
		return err
	}
	socket.SetReadLimit(128 << 10)
	c.socket = socket
	return nil
}

var errStatus = errors.New("unexpected status")

func post(ctx context.Context, url, token string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, oneAnswer)
	defer cancel()
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%w %d: %s", errStatus, resp.StatusCode, text)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, answer)
}

// ask sends a frame until it is answered.
func (c *stubborn) ask(action string, fields map[string]any) map[string]any {
	c.t.Helper()
	for end := time.Now().Add(patience); ; {
		if v, err := c.once(action, fields); err == nil {
			return v
		} else if time.Now().After(end) {
			c.t.Fatalf("%s: %v", action, err)
		}
	}
}

// once sends a frame and waits for its answer; without one it connects again.
func (c *stubborn) once(action string, fields map[string]any) (map[string]any, error) {
	c.t.Helper()
	c.id++
	frame := maps.Clone(fields)
	if frame == nil {
		frame = map[string]any{}
	}
	frame["action"], frame["id"] = action, c.id
	raw, err := json.Marshal(frame)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), oneAnswer)
	defer cancel()
	if err := c.socket.Write(ctx, websocket.MessageText, raw); err != nil {
		c.again(err)
		return nil, err
	}
	for {
		_, raw, err := c.socket.Read(ctx)
		if err != nil {
			c.again(err)
			return nil, err
		}
		var v map[string]any
		if err := json.Unmarshal(raw, &v); err != nil {
			c.t.Fatal(err)
		}
		if c.told != nil {
			c.told(v)
		}
		switch {
		case v["message"] != nil: // the gateway's: the function has failed
			return nil, fmt.Errorf("%v", v["message"])
		case v["re"] != float64(c.id):
		case v["code"] == "throttled":
			time.Sleep(time.Duration(v["after_ms"].(float64)) * time.Millisecond)
			return nil, errors.New("too fast")
		case v["retry"] == true:
			return nil, fmt.Errorf("%v", v["code"])
		default:
			return v, nil
		}
	}
}

// again opens a socket in place of one that is gone.
func (c *stubborn) again(why error) {
	c.t.Helper()
	if c.cut != nil {
		c.cut(why)
	}
	c.connect()
}

// must is ask for what cannot be refused.
func (c *stubborn) must(action string, fields map[string]any) map[string]any {
	c.t.Helper()
	v := c.ask(action, fields)
	if v["event"] == "error" || v["event"] == "refused" {
		c.t.Fatalf("%s %v: %v", action, fields, v)
	}
	return v
}

// somebody is an invented owner of a company with a case at Milano Nord: one for
// each chat, since nobody gets many tickets.
func somebody(n int) map[string]any {
	code := fmt.Sprintf("RSSMRA80A01Z%03d", n)
	return map[string]any{"person": "owner-mi", "claims": map[string]any{"fiscal_number": "TINIT-" + code + string(fiscal.CheckLetter(code))}}
}

// A cycle is a chat from its beginning to its end, in which somebody is killed.
type cycle struct {
	t     *testing.T
	base  string
	n     int
	c, a  *stubborn
	id    string
	words string // of the escalation
	want  []string
	hurry func() // has the sweep run
}

func (x *cycle) token(issuer string, body map[string]any) string {
	x.t.Helper()
	var v struct {
		Token string `json:"access_token"`
	}
	body["issuer"] = issuer
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = post(x.t.Context(), x.base+"/dev/token", "", body, &v); err == nil {
			return v.Token
		}
	}
	x.t.Fatal(err)
	return ""
}

// run has the chat.
func (x *cycle) run() {
	x.t.Helper()
	x.open()
	for n := 1; n <= 3; n++ {
		x.say(x.c, n, fmt.Sprint("domanda ", n, " di ", x.n))
		x.say(x.a, n, fmt.Sprint("risposta ", n, " di ", x.n))
	}
	x.end()
}

// open brings the two together.
func (x *cycle) open() {
	x.t.Helper()
	advisor := fmt.Sprint("advisor-of-", x.n)
	x.c = &stubborn{t: x.t, base: x.base, path: "/v1/tickets", token: x.token("cassetto", somebody(x.n))}
	x.a = &stubborn{t: x.t, base: x.base, path: "/v1/advisor/tickets", token: x.token("institute", map[string]any{
		"person": "advisor-1", "claims": map[string]any{"sub": advisor},
	})}
	x.a.connect()
	x.c.connect()
	x.a.must("presence", map[string]any{"state": "available", "capacity": 1})
	joined := x.c.must("join", map[string]any{"topic": "employer_case"})
	x.id = joined["conversation"].(string)
	x.accept()
}

// end escalates, closes and checks.
func (x *cycle) end() {
	x.t.Helper()
	defer func() { _ = x.a.socket.CloseNow(); _ = x.c.socket.CloseNow() }()
	w := x.a.must("hello", map[string]any{"conversation": x.id, "since": 0})
	own := w["snapshot"].(map[string]any)["cases"].([]any)[0]
	x.words = fmt.Sprint("manca un dato, giro ", x.n)
	x.a.must("escalate", map[string]any{"conversation": x.id, "number": len(x.want)/2 + 1, "case": own, "text": x.words})
	x.a.must("close", map[string]any{"conversation": x.id, "outcome": "escalated"})
	x.a.must("presence", map[string]any{"state": "paused", "capacity": 1})
	x.check()
}

// accept waits for the offer and accepts it. Who misses it is paused.
func (x *cycle) accept() {
	x.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		v := x.a.ask("accept", map[string]any{"conversation": x.id})
		if v["event"] == "ack" {
			return
		}
		if time.Now().After(end) {
			x.t.Fatalf("no offer: %v", v)
		}
		x.a.must("presence", map[string]any{"state": "available", "capacity": 1})
		x.hurry()
	}
}

func (x *cycle) say(c *stubborn, n int, text string) {
	x.t.Helper()
	x.want = append(x.want, text)
	x.must(c, n, text)
}

func (x *cycle) must(c *stubborn, n int, text string) {
	x.t.Helper()
	c.must("send", map[string]any{"conversation": x.id, "number": n, "text": text})
}

// check reads the whole conversation: every message once and in order, numbers
// without gaps, one escalation.
func (x *cycle) check() {
	x.t.Helper()
	var got []string
	escalated, last := 0, 0
	for more := true; more; {
		page := x.c.must("hello", map[string]any{"conversation": x.id, "since": last})["snapshot"].(map[string]any)
		for _, e := range page["entries"].([]any) {
			e := e.(map[string]any)
			if last++; e["seq"] != float64(last) {
				x.t.Errorf("entry %v comes after %d", e["seq"], last-1)
			}
			switch e["kind"] {
			case "message":
				got = append(got, e["text"].(string))
			case "escalated":
				escalated++
			}
		}
		more, _ = page["more"].(bool)
	}
	same(x.t, fmt.Sprint("messages of ", x.id), got, x.want)
	same(x.t, "escalations of "+x.id, escalated, 1)
}

// arrived returns how often each escalation has arrived at its office.
func arrived(t *testing.T, base string) (n map[string]int, err error) {
	t.Helper()
	n = map[string]int{}
	var v struct {
		Token string `json:"access_token"`
	}
	if err := post(t.Context(), base+"/dev/token", "", map[string]any{"issuer": "institute", "person": "officer-mi"}, &v); err != nil {
		return nil, err // it is starting
	}
	_, list, _ := request(t, "GET", base+"/linea/desk/escalations", v.Token, nil)
	for _, e := range list["escalations"].([]any) {
		n[e.(map[string]any)["text"].(string)]++
	}
	return n, nil
}

// delivered waits until every escalation of the cycles is at its office, once.
func delivered(t *testing.T, base string, cycles []*cycle, hurry func()) {
	t.Helper()
	want := map[string]int{}
	for _, x := range cycles {
		want[x.words] = 1
	}
	var got map[string]int
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		var err error
		if got, err = arrived(t, base); err == nil && len(got) == len(want) {
			break
		}
		hurry()
	}
	same(t, "escalations at the offices", got, want)
}

const kills = 50

// Chats begin in the far future, so that a restart goes on from there and not at
// the next real opening. An hour later everything that is due is sent again.
const (
	first = "2098-06-11T15:00:00+02:00"
	later = "2098-06-11T16:00:00+02:00"
)

// A process is the service as a process of its own, to be killed.
type process struct {
	t      *testing.T
	binary string
	args   []string
	cmd    *exec.Cmd
}

func (p *process) start() {
	p.t.Helper()
	p.cmd = exec.Command(p.binary, p.args...)
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	_ = p.cmd.Wait()
}

// TestTheServiceIsKilled kills the whole service at random points of chats.
func TestTheServiceIsKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	binary := filepath.Join(dir, "local")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, args := range map[string]func(t *testing.T) []string{
		"on the embedded file": func(*testing.T) []string { return nil },
		"on DynamoDB and SQS": func(t *testing.T) []string {
			db, queue := ownServers(t)
			return []string{"-dynamodb", db, "-sqs", queue}
		},
	} {
		t.Run(name, func(t *testing.T) {
			addr := freeAddr(t)
			p := &process{t: t, binary: binary, args: append([]string{"-addr", addr, "-data", t.TempDir(), "-clock", first}, args(t)...)}
			p.start()
			defer func() { p.kill() }()
			p.args = without(p.args, "-clock") // it goes on from where it was
			base := "http://" + addr
			eventually(t, "started", func() bool { // and its clock is kept
				_, err := arrived(t, base)
				return err == nil
			})
			var cycles []*cycle
			for n := range kills {
				x := &cycle{t: t, base: base, n: n, hurry: func() {}}
				cycles = append(cycles, x)
				killed := make(chan struct{})
				go func() {
					defer close(killed)
					time.Sleep(rand.N(120 * time.Millisecond))
					p.kill()
					p.start()
				}()
				x.run()
				<-killed
			}
			// Some minutes later the sweep has gone round.
			p.kill()
			p.args = append(p.args, "-clock", later)
			p.start()
			delivered(t, base, cycles, func() {})
		})
	}
}

// ownServers starts servers that outlive the service.
func ownServers(t *testing.T) (dynamodb, sqs string) {
	t.Helper()
	db, err := servers.Dynoxide(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Stop)
	queue, err := servers.Moto(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(queue.Stop)
	return db.URL, queue.URL
}

// without takes a flag and its value out.
func without(args []string, flag string) []string {
	i := slices.Index(args, flag)
	return slices.Delete(slices.Clone(args), i, i+2)
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
