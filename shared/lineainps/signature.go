package lineainps

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"infocig/shared/code"
)

// Tolerance is how far the time of an event may be from the receiver's clock.
const Tolerance = 300 * time.Second

// A Secret signs events. Several are good while one is being replaced.
type Secret []byte

// MinSecret is how many characters a secret has at least.
const MinSecret = 32

// ParseSecrets returns the secrets in a value, which commas separate. Its error
// does not have them.
func ParseSecrets(value string) ([]Secret, error) {
	var all []Secret
	for s := range strings.SplitSeq(value, ",") {
		if len(s) < MinSecret {
			return nil, fmt.Errorf("want secrets of at least %d characters, separated by commas", MinSecret)
		}
		all = append(all, Secret(s))
	}
	return all, nil
}

// Sign sets the headers that vouch for body.
func (s Secret) Sign(h http.Header, at time.Time, body []byte) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	h.Set(TimestampHeader, stamp)
	h.Set(SignatureHeader, "v1="+hex.EncodeToString(s.mac(stamp, body)))
}

func (s Secret) mac(stamp string, body []byte) []byte {
	m := hmac.New(sha256.New, s)
	m.Write([]byte(stamp))
	m.Write([]byte{'.'})
	m.Write(body)
	return m.Sum(nil)
}

// Verify returns the event of a request. It returns code.Forbidden if none of
// secrets has signed it or it is too old or too new, and code.Invalid if it is
// signed but no event. What an event leads to may happen twice without harm:
// within the tolerance a replay is nothing but another reason to ask.
func Verify(secrets []Secret, h http.Header, body []byte, now time.Time) (Event, error) {
	stamp := h.Get(TimestampHeader)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > Tolerance {
		return Event{}, code.Forbidden
	}
	signed := false
	for _, s := range secrets {
		want := "v1=" + hex.EncodeToString(s.mac(stamp, body))
		signed = signed || hmac.Equal([]byte(want), []byte(h.Get(SignatureHeader)))
	}
	if !signed {
		return Event{}, code.Forbidden
	}
	var e Event
	if json.Unmarshal(body, &e, json.RejectUnknownMembers(true)) != nil || e.Escalation == "" || len(e.Escalation) > 64 || e.Step < 1 {
		return Event{}, code.Invalid
	}
	return e, nil
}
