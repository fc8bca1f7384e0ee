package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"infocig/shared/code"
)

// A moody issuer serves its keys as its mood wants, and counts the requests.
type moody struct {
	*provider
	mood  atomic.Value // a http.HandlerFunc, or nothing: the keys
	asked atomic.Int32
}

func newMoody(t *testing.T) *moody {
	t.Helper()
	m := &moody{provider: newProvider(t)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.asked.Add(1)
		if f, ok := m.mood.Load().(http.HandlerFunc); ok && f != nil {
			f(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{
			map[string]any{"kty": "OKP", "crv": "X448", "x": "AA", "kid": "other"}, // of a kind that we do not know
			jwk(&m.key.PublicKey, "k1"),
		}})
	}))
	t.Cleanup(s.Close)
	m.url = s.URL
	return m
}

func (m *moody) be(mood http.HandlerFunc) { m.mood.Store(mood) }

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

// hang answers when the client has gone.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// A watched verifier has a clock, a log and a counter that tests read.
type watched struct {
	*Verifier
	mu     sync.Mutex
	at     time.Time
	log    bytes.Buffer
	missed atomic.Int32
}

func watch(t *testing.T, issuers ...Issuer) *watched {
	t.Helper()
	w := &watched{at: noon}
	w.Verifier = New(t.Context(), issuers, func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.at })
	w.Log = slog.New(slog.NewJSONHandler(&w.log, nil))
	w.Missed = func() { w.missed.Add(1) }
	return w
}

func (w *watched) wait(d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.at = w.at.Add(d) }

func (m *moody) issuer() Issuer {
	return Issuer{Door: MyINPS, URL: m.url, Audience: audience, JWKS: m.url}
}

// lasting is a token that outlives the tests' waiting.
func (m *moody) lasting(t *testing.T, kid string) string {
	return m.token(t, jwt.SigningMethodRS256, m.key, func(c jwt.MapClaims, h map[string]any) {
		c["exp"] = noon.Add(48 * time.Hour).Unix()
		h["kid"] = kid
	})
}

func TestKeysThatCannotBeHadAreNoFaultOfTheToken(t *testing.T) {
	for name, mood := range map[string]http.HandlerFunc{
		"503":             status(http.StatusServiceUnavailable, "come back"),
		"404":             status(http.StatusNotFound, ""),
		"a page":          status(http.StatusOK, "<html>down for maintenance</html>"),
		"no keys":         status(http.StatusOK, `{"keys":[]}`),
		"nothing":         status(http.StatusOK, ""),
		"another kind":    status(http.StatusOK, `{"keys":[{"kty":"oct","k":"AAAA","kid":"k1"}]}`),
		"a cut answer":    status(http.StatusOK, `{"keys":[{"kty":"RSA"`),
		"a closed socket": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			m := newMoody(t)
			m.be(mood)
			w := watch(t, m.issuer())
			for range 5 {
				_, err := w.Verify(t.Context(), m.lasting(t, "k1"))
				var u *Unreachable
				if !errors.As(err, &u) || !errors.Is(err, code.Unavailable) || errors.Is(err, ErrToken) || u.Issuer != m.url || u.After <= 0 {
					t.Fatalf("got %v", err)
				}
			}
			if m.asked.Load() != 1 || w.missed.Load() != 1 {
				t.Errorf("asked %d times, counted %d", m.asked.Load(), w.missed.Load())
			}
			w.wait(3 * time.Second)
			_, _ = w.Verify(t.Context(), m.lasting(t, "k1"))
			if n := strings.Count(w.log.String(), "cannot be had"); n != 1 || m.asked.Load() != 2 || w.missed.Load() != 2 {
				t.Errorf("asked %d times, counted %d, logged %d: %s", m.asked.Load(), w.missed.Load(), n, w.log.String())
			}
			if strings.Contains(w.log.String(), "eyJ") || strings.Contains(w.log.String(), "maintenance") {
				t.Errorf("the log has the token or the answer: %s", w.log.String())
			}
			m.be(nil)
			w.wait(3 * time.Second)
			if _, err := w.Verify(t.Context(), m.lasting(t, "k1")); err != nil {
				t.Errorf("after the outage: %v", err)
			}
			if !strings.Contains(w.log.String(), "can be had again") {
				t.Errorf("the end is not told: %s", w.log.String())
			}
		})
	}
}

func TestAnIssuerWithoutAName(t *testing.T) {
	m := newMoody(t)
	i := m.issuer()
	i.JWKS = "http://keys.invalid/"
	if _, err := watch(t, i).Verify(t.Context(), m.lasting(t, "k1")); !errors.Is(err, code.Unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestAHangingIssuerHoldsUpOnlyItsOwnRequestsAndEachForALimitedTime(t *testing.T) {
	m, other := newMoody(t), newMoody(t)
	m.be(hang)
	w := watch(t, m.issuer(), other.issuer())
	begin := time.Now()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := w.Verify(t.Context(), m.lasting(t, "k1")); !errors.Is(err, code.Unavailable) {
				t.Errorf("got %v", err)
			}
		})
	}
	group.Go(func() {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := w.Verify(ctx, m.lasting(t, "k1")); !errors.Is(err, code.Unavailable) || time.Since(begin) > time.Second {
			t.Errorf("a request that ends early: %v after %s", err, time.Since(begin))
		}
	})
	if _, err := w.Verify(t.Context(), other.lasting(t, "k1")); err != nil || time.Since(begin) > time.Second {
		t.Errorf("the other issuer: %v after %s", err, time.Since(begin))
	}
	group.Wait()
	if took := time.Since(begin); took > FetchTime+2*time.Second || m.asked.Load() != 1 {
		t.Errorf("took %s, asked %d times", took, m.asked.Load())
	}
	begin = time.Now()
	if _, err := w.Verify(t.Context(), m.lasting(t, "k1")); !errors.Is(err, code.Unavailable) || time.Since(begin) > time.Second {
		t.Errorf("the next request: %v after %s", err, time.Since(begin))
	}
}

func TestKeysServeThroughAnOutage(t *testing.T) {
	m := newMoody(t)
	w := watch(t, m.issuer())
	good := m.lasting(t, "k1")
	if _, err := w.Verify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	m.be(status(http.StatusServiceUnavailable, ""))
	for range 46 {
		w.wait(30 * time.Minute)
		if _, err := w.Verify(t.Context(), good); err != nil {
			t.Fatalf("%s into the outage: %v", w.at.Sub(noon), err)
		}
		if _, err := w.Verify(t.Context(), m.lasting(t, "k2")); !errors.Is(err, code.Unavailable) {
			t.Fatalf("a key that may be new: %v", err)
		}
		if _, err := w.Verify(t.Context(), m.token(t, jwt.SigningMethodRS256, newProvider(t).key, nil)); !errors.Is(err, ErrToken) {
			t.Fatalf("a forged token: %v", err)
		}
	}
	w.wait(time.Hour)
	if _, err := w.Verify(t.Context(), good); !errors.Is(err, code.Unavailable) {
		t.Errorf("keys of yesterday: %v", err)
	}
	m.be(nil)
	w.wait(time.Minute)
	if _, err := w.Verify(t.Context(), good); err != nil {
		t.Errorf("after the outage: %v", err)
	}
}

func TestKeysThatTheIssuerWithdrawsServeNoLongerThanAnHour(t *testing.T) {
	m := newMoody(t)
	w := watch(t, m.issuer())
	if _, err := w.Verify(t.Context(), m.lasting(t, "k1")); err != nil {
		t.Fatal(err)
	}
	next := newProvider(t)
	m.be(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{jwk(&next.key.PublicKey, "k2")}})
	})
	w.wait(KeysFresh)
	if _, err := w.Verify(t.Context(), m.lasting(t, "k1")); !errors.Is(err, ErrToken) {
		t.Errorf("the old key: %v", err)
	}
	m.key = next.key
	if _, err := w.Verify(t.Context(), m.lasting(t, "k2")); err != nil {
		t.Errorf("the new key: %v", err)
	}
}

func TestForgedKeyIDsDoNotHammerTheIssuer(t *testing.T) {
	m := newMoody(t)
	w := watch(t, m.issuer())
	for i := range 100 {
		if _, err := w.Verify(t.Context(), m.lasting(t, fmt.Sprint("forged", i))); !errors.Is(err, ErrToken) {
			t.Fatalf("got %v", err)
		}
		if _, err := w.Verify(t.Context(), m.lasting(t, "k1")); err != nil {
			t.Fatal(err)
		}
		w.wait(100 * time.Millisecond)
	}
	if n := m.asked.Load(); n > 2 {
		t.Errorf("100 forged tokens in 10 s asked the issuer %d times", n)
	}
}

func TestNothingListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	m := newMoody(t)
	i := m.issuer()
	i.JWKS = "http://" + l.Addr().String()
	if _, err := watch(t, i).Verify(t.Context(), m.lasting(t, "k1")); !errors.Is(err, code.Unavailable) {
		t.Errorf("got %v", err)
	}
}
