package gateway

import (
	"crypto/rand"
	"encoding/base64"
)

// NewID returns a random id as API Gateway forms them: eleven bytes in base64,
// so that it ends in "=" and has to be escaped in a URL.
func NewID() string {
	var b [11]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.URLEncoding.EncodeToString(b[:])
}
