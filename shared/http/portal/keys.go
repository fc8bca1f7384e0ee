package portal

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"

	"infocig/shared/code"
)

// How keys are fetched and kept. ADR 0031.
const (
	// FetchTime is how long a fetch of an issuer's keys may take.
	FetchTime = 3 * time.Second
	// KeysFresh is the age from which keys are fetched again although the one that a
	// token names is known: an issuer that withdraws a key is obeyed within it.
	KeysFresh = time.Hour
	// KeysLife is for how long keys serve whose issuer does not answer.
	KeysLife = 24 * time.Hour

	gapUnknown = 10 * time.Second // between fetches for key ids that are not known
	gapFailed  = 2 * time.Second  // after a fetch that failed, where a key is missing
	gapStale   = 5 * time.Minute  // between fetches that failed, where the key is known
	maxKeySet  = 1 << 20          // bytes
)

// Unreachable means that the keys of an issuer cannot be had: the token may be
// good. It is [code.Unavailable].
type Unreachable struct {
	Issuer string        // its URL
	After  time.Duration // when to try again
	cause  error
}

func (u *Unreachable) Error() string { return fmt.Sprintf("keys of %s: %v", u.Issuer, u.cause) }

// Unwrap returns the code and the cause.
func (u *Unreachable) Unwrap() []error { return []error{code.Unavailable, u.cause} }

var (
	errNoKey = errors.New("the issuer has no key of that id")
	errRest  = errors.New("a fetch failed a moment ago")
)

// A keySet has the keys of one issuer. It may be used concurrently: requests that
// need a fetch share it, and each waits for it no longer than its context and
// FetchTime allow.
type keySet struct {
	issuer, url string
	ctx         context.Context //nolint:containedctx // of fetches, which serve several requests
	client      *http.Client
	now         func() time.Time
	verifier    *Verifier // has the log and the counter

	flight singleflight.Group

	mu      sync.Mutex
	keys    []jose.JSONWebKey
	fetched time.Time // when keys were
	tried   time.Time // the last fetch, good or not
	failing bool      // the last fetch was not
}

// named returns the keys of that id, or all for "". It returns *Unreachable if
// they have to be fetched and cannot be, and errNoKey if the issuer has none.
func (k *keySet) named(ctx context.Context, id string) ([]crypto.PublicKey, error) {
	keys, err := k.ready(id)
	if keys != nil || err != nil {
		return keys, err
	}
	fetch := k.flight.DoChan("", func() (any, error) { return nil, k.fetch() }) //nolint:contextcheck // a fetch outlives the request that needs it first
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case r := <-fetch:
		err = r.Err
	}
	keys = k.known(id)
	switch {
	case keys != nil:
		return keys, nil
	case err != nil:
		return nil, &Unreachable{Issuer: k.issuer, After: gapFailed, cause: err}
	}
	return nil, errNoKey
}

// ready returns keys that need no fetch, or the error if none may be made now.
// Both are nil if one is due.
func (k *keySet) ready(id string) ([]crypto.PublicKey, error) {
	keys := k.known(id)
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	since := now.Sub(k.tried).Abs() // a clock that is set back stops nothing
	if keys != nil && (now.Sub(k.fetched) < KeysFresh || k.failing && since < gapStale) {
		return keys, nil
	}
	switch {
	case keys != nil || k.tried.IsZero():
		return nil, nil
	case k.failing && since < gapFailed:
		return nil, &Unreachable{Issuer: k.issuer, After: gapFailed, cause: errRest}
	case !k.failing && since < gapUnknown:
		return nil, errNoKey
	}
	return nil, nil
}

// known returns the keys of that id that were fetched and still serve.
func (k *keySet) known(id string) (keys []crypto.PublicKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now().Sub(k.fetched) >= KeysLife {
		return nil
	}
	for _, key := range k.keys {
		if id == "" || key.KeyID == id {
			keys = append(keys, key.Key)
		}
	}
	return keys
}

// fetch replaces the keys. If it cannot, the old ones stay: the log tells the
// beginning and the end of an outage, the counter every fetch that failed.
func (k *keySet) fetch() error {
	keys, err := k.get()
	k.mu.Lock()
	defer k.mu.Unlock()
	was := k.failing
	k.tried, k.failing = k.now(), err != nil
	if err == nil {
		k.keys, k.fetched = keys, k.tried
	}
	switch {
	case err != nil && !was:
		k.verifier.Log.Error("keys of an issuer cannot be had", "issuer", k.issuer, "err", err)
	case err == nil && was:
		k.verifier.Log.Info("keys of an issuer can be had again", "issuer", k.issuer)
	}
	if err != nil {
		k.verifier.Missed()
	}
	return err
}

// get asks the issuer. Its error has nothing of the answer's body.
func (k *keySet) get() ([]jose.JSONWebKey, error) {
	ctx, cancel := context.WithTimeout(k.ctx, FetchTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := k.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySet))
	if err != nil {
		return nil, err
	}
	return parseKeys(raw)
}

// parseKeys returns the keys of a set that sign with RS256. Others are left out,
// as RFC 7517, section 5, wants it; a set of none is no key set.
func parseKeys(raw []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(raw, &set) != nil {
		return nil, errors.New("the answer is no key set")
	}
	var keys []jose.JSONWebKey
	for _, one := range set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(one) != nil {
			continue
		}
		_, rsa := key.Key.(*rsa.PublicKey)
		if rsa && (key.Algorithm == "" || key.Algorithm == string(jose.RS256)) && (key.Use == "" || key.Use == "sig") {
			keys = append(keys, key)
		}
	}
	if keys == nil {
		return nil, errors.New("the key set has no key for RS256")
	}
	return keys, nil
}

// discard is the log of a verifier that was given none.
var discard = slog.New(slog.DiscardHandler)
