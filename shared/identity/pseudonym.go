package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// A Pseudonym turns a fiscal code into an id that only the holder of the key can
// compute: the code itself is in no key, id or log.
type Pseudonym struct{ Key []byte }

// Of returns 128 bits of the keyed hash of a fiscal code, as hexadecimal.
func (p Pseudonym) Of(fiscalCode string) string {
	h := hmac.New(sha256.New, p.Key)
	h.Write([]byte(strings.ToUpper(fiscalCode)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}
