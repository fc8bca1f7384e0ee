package outside_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"infocig/shared/http/outside"
)

// A service answers as ours does, but for what is broken.
type service struct {
	url    string
	state  string // of the availability
	broken string
}

// ServeHTTP implements http.Handler.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == s.broken {
		http.Error(w, "broken", http.StatusBadGateway)
		return
	}
	switch r.URL.Path {
	case "/":
		if s.broken != "policy" {
			w.Header().Set("Content-Security-Policy", "default-src 'none'")
		}
	case "/myinps":
	case "/authorize":
		if q := r.URL.Query(); q.Get("client_id") != "pages" || q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" {
			http.Error(w, "who are you", http.StatusBadRequest)
		} else if s.broken == "refuses" {
			http.Redirect(w, r, q.Get("redirect_uri")+"?error=server_error", http.StatusFound)
		}
	case "/v1/availability":
		_, _ = io.WriteString(w, fmt.Sprintf(`{"state":%q,"text":"testo"}`, s.state))
	case "/v1/me":
		w.WriteHeader(http.StatusUnauthorized)
	case "/issuer/.well-known/openid-configuration":
		_, _ = io.WriteString(w, `{"authorization_endpoint":"`+s.url+`/authorize"}`)
	case "/socket":
		if r.URL.Query().Get("ticket") != "good" || r.Header.Get("Origin") != s.url {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer func() { _ = c.CloseNow() }()
		if _, _, err := c.Read(r.Context()); err == nil && s.broken != "welcome" {
			_ = c.Write(r.Context(), websocket.MessageText, []byte(`{"event":"ping"}`))
			_ = c.Write(r.Context(), websocket.MessageText, []byte(`{"event":"welcome"}`))
			_, _, _ = c.Read(r.Context())
		}
	default:
		http.NotFound(w, r)
	}
}

func look(t *testing.T, state, broken string, ticket func(context.Context) (string, error)) []outside.Finding {
	t.Helper()
	s := &service{state: state, broken: broken}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	l := outside.Look{Pages: s.url, Socket: "ws" + strings.TrimPrefix(s.url, "http") + "/socket", Logins: []outside.Login{{Issuer: s.url + "/issuer", ClientID: "pages", Page: s.url + "/myinps"}}, Ticket: ticket}
	return l.Run(t.Context())
}

func good(context.Context) (string, error) { return "good", nil }

// TestEachFaultIsSeen breaks one thing at a time: that one is found, and no other.
func TestEachFaultIsSeen(t *testing.T) {
	for broken, want := range map[string]string{
		"":                 "",
		"/":                "the first page",
		"policy":           "the first page",
		"/myinps":          "a page by its short address",
		"/v1/me":           "nobody comes in without a token",
		"/authorize":       "the login page of",
		"refuses":          "the login page of",
		"welcome":          "a socket that opens",
		"/v1/availability": "availability",
		"/issuer/.well-known/openid-configuration": "the login page of",
	} {
		all := look(t, "open", broken, good)
		var found []string
		for _, f := range all {
			if f.Err != nil {
				found = append(found, f.What)
			}
		}
		got := strings.Join(found, "; ")
		if (want == "") != (got == "") || !strings.HasPrefix(got, want) || len(found) > 1 {
			t.Errorf("%q broken: found %q, want %q", broken, got, want)
		}
		if (outside.Failed(all) == nil) != (want == "") {
			t.Errorf("%q broken: %v", broken, outside.Failed(all))
		}
	}
	if outside.Failed(look(t, "fault", "", good)) == nil {
		t.Error("a service that says that it is out of order is well")
	}
}

// TestATicketIsNowhere: neither one that is refused nor one that cannot be had is in
// what is logged.
func TestATicketIsNowhere(t *testing.T) {
	for _, ticket := range []func(context.Context) (string, error){
		func(context.Context) (string, error) { return "s3cr3t", nil },
		func(context.Context) (string, error) { return "", errors.New("no store") },
	} {
		err := outside.Failed(look(t, "open", "", ticket))
		if err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("got %v", err)
		}
	}
}

// TestWhileTheDeskIsClosed nobody needs the login and the socket.
func TestWhileTheDeskIsClosed(t *testing.T) {
	for state, want := range map[string]int{"closed": 5, "open": 7} {
		if got := len(look(t, state, "", good)); got != want {
			t.Errorf("%s: %d things are looked at, want %d", state, got, want)
		}
	}
}
