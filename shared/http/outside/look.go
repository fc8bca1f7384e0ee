// Package outside looks at a service as those see it who come to it: the pages, the
// API, the login and the socket, each through its public address.
package outside

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"infocig/shared/http/portal"
)

// A Look is what is looked at. Without Logins and Ticket nobody has to log in for it,
// and it leaves nothing behind.
type Look struct {
	Pages  string // https://…, which is the HTTP API's address too
	Socket string // wss://…

	// Logins are the ways in. Each must show its login page.
	Logins []Login
	// Ticket returns one that opens a socket. It joins no conversation.
	Ticket func(context.Context) (string, error)
}

// A Login is at an issuer, for one of the pages.
type Login struct {
	Issuer   string
	ClientID string // of the pages
	Page     string // to which it leads back
}

// Page returns the short address of the page that people come to through a door.
func Page(d portal.Door) string {
	if d == portal.Institute {
		return "advisor"
	}
	return string(d)
}

// A Finding is a thing that was looked at, and what is wrong with it, nil if nothing is.
type Finding struct {
	What string
	Err  error
}

// wait is how long one answer may take.
const wait = 10 * time.Second

var client = &http.Client{Timeout: wait}

// Run looks at everything, one after the other. Login and socket are looked at while
// the desk is open, or about to: outside its hours nobody needs them.
func (l Look) Run(ctx context.Context) []Finding {
	var state availability
	all := []Finding{
		{"the first page, with its security policy", l.firstPage(ctx)},
		{"a page by its short address", only(get(ctx, l.Pages+"/myinps", nil, http.StatusOK))},
		{"availability", l.available(ctx, &state)},
		{"nobody comes in without a token", only(get(ctx, l.Pages+"/v1/me", nil, http.StatusUnauthorized))},
		{"no socket opens without a ticket", only(get(ctx, "http"+strings.TrimPrefix(l.Socket, "ws"), upgrade, http.StatusUnauthorized))},
	}
	if !state.serves() {
		return all
	}
	for _, way := range l.Logins {
		all = append(all, Finding{"the login page of " + way.Issuer, l.login(ctx, way)})
	}
	if l.Ticket != nil {
		all = append(all, Finding{"a socket that opens", l.open(ctx)})
	}
	return all
}

// Failed returns what is wrong of findings, nil if nothing is.
func Failed(all []Finding) error {
	var met error
	for _, f := range all {
		if f.Err != nil {
			met = errors.Join(met, fmt.Errorf("%s: %w", f.What, f.Err))
		}
	}
	return met
}

func (l Look) firstPage(ctx context.Context) error {
	header, _, err := get(ctx, l.Pages+"/", nil, http.StatusOK)
	if err == nil && header.Get("Content-Security-Policy") == "" {
		err = errors.New("it comes without a content security policy")
	}
	return err
}

// availability is what GET /v1/availability says.
type availability struct {
	State, Text string
	Early       bool
}

// serves reports whether people come now.
func (a availability) serves() bool { return a.State != "" && (a.State != "closed" || a.Early) }

func (l Look) available(ctx context.Context, a *availability) error {
	_, body, err := get(ctx, l.Pages+"/v1/availability?audience=worker&province=RM", nil, http.StatusOK)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, a); err != nil || a.State == "" || a.Text == "" {
		return fmt.Errorf("the answer has no state: %.200s", body)
	}
	if a.State == "fault" {
		return fmt.Errorf("the service says that it is out of order: %.200s", body)
	}
	return nil
}

// login asks an issuer for the login page as a page of ours does. One that sends back
// at once refuses.
// https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
func (l Look) login(ctx context.Context, way Login) error {
	_, body, err := get(ctx, strings.TrimSuffix(way.Issuer, "/")+"/.well-known/openid-configuration", nil, http.StatusOK)
	if err != nil {
		return err
	}
	var v struct {
		Page string `json:"authorization_endpoint"`
	}
	if err := json.Unmarshal(body, &v); err != nil || v.Page == "" {
		return fmt.Errorf("it has no authorization_endpoint: %.200s", body)
	}
	challenge := sha256.Sum256([]byte("nobody redeems a code of this one"))
	ask := url.Values{
		"response_type": {"code"}, "client_id": {way.ClientID}, "redirect_uri": {way.Page}, "scope": {"openid"}, "state": {"look"}, "nonce": {"look"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	patient := &http.Client{Timeout: wait, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), way.Page) {
			return fmt.Errorf("it sends back at once: %.100s", r.URL.Query().Get("error"))
		}
		if len(via) > maxRedirects {
			return errors.New("it leads in a circle")
		}
		return nil
	}}
	return only(getBy(ctx, patient, v.Page+"?"+ask.Encode(), nil, http.StatusOK))
}

const maxRedirects = 10

// open opens a socket, says hello as a page does, and closes it.
func (l Look) open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	ticket, err := l.Ticket(ctx)
	if err != nil {
		return fmt.Errorf("no ticket: %w", err)
	}
	socket, _, err := websocket.Dial(ctx, l.Socket+"?ticket="+ticket, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {l.Pages}}}) //nolint:bodyclose // the library closes it
	if err != nil {
		return errors.New(strings.ReplaceAll(err.Error(), ticket, "…")) // it opens sockets
	}
	defer func() { _ = socket.CloseNow() }()
	if err := socket.Write(ctx, websocket.MessageText, []byte(`{"action":"hello","id":1}`)); err != nil {
		return err
	}
	for {
		_, frame, err := socket.Read(ctx)
		if err != nil {
			return fmt.Errorf("no welcome: %w", err)
		}
		var v struct{ Event string }
		if json.Unmarshal(frame, &v) == nil && v.Event == "welcome" {
			return socket.Close(websocket.StatusNormalClosure, "")
		}
	}
}

// upgrade is what a browser asks for a socket with; RFC 6455, section 1.3.
var upgrade = map[string]string{
	"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}

func get(ctx context.Context, url string, header map[string]string, want int) (http.Header, []byte, error) {
	return getBy(ctx, client, url, header, want)
}

func getBy(ctx context.Context, client *http.Client, url string, header map[string]string, want int) (http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, nil, err
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode != want {
		at, _, _ := strings.Cut(url, "?")
		err = fmt.Errorf("%s answers %s, want %d", at, resp.Status, want)
	}
	return resp.Header, body, err
}

func only(_ http.Header, _ []byte, err error) error { return err }
