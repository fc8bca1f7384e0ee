package fiscal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
)

// A Sealer encrypts fiscal codes, so that they can be stored: AES-256-GCM with a
// random nonce. The zero Sealer seals nothing.
type Sealer struct{ aead cipher.AEAD }

// KeySize is how many bytes the key of a Sealer has.
const KeySize = 32

// ErrSeal means: not sealed by this key for this person.
var ErrSeal = errors.New("cannot be opened")

// version begins what a Sealer makes; another one will be another key or
// algorithm.
const version = 1

// NewSealer returns the Sealer of a key.
func NewSealer(key []byte) (Sealer, error) {
	if len(key) != KeySize {
		return Sealer{}, errors.New("the key has the wrong size")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return Sealer{}, err
	}
	aead, err := cipher.NewGCM(block)
	return Sealer{aead}, err
}

// Seal encrypts code. What it returns can be opened for the same person only:
// moved to somebody else's record it is worth nothing.
func (s Sealer) Seal(code, person string) []byte {
	if s.aead == nil || code == "" {
		return nil
	}
	head := make([]byte, 1+s.aead.NonceSize(), 1+s.aead.NonceSize()+len(code)+s.aead.Overhead())
	head[0] = version
	_, _ = rand.Read(head[1:])                                       // never fails
	return s.aead.Seal(head, head[1:], []byte(code), []byte(person)) //nolint:gosec // the nonce is random, two lines above
}

// Open returns what was sealed for person, or ErrSeal.
func (s Sealer) Open(sealed []byte, person string) (string, error) {
	if s.aead == nil || len(sealed) < 1+s.aead.NonceSize() || sealed[0] != version {
		return "", ErrSeal
	}
	n := 1 + s.aead.NonceSize()
	code, err := s.aead.Open(nil, sealed[1:n], sealed[n:], []byte(person))
	if err != nil {
		return "", ErrSeal
	}
	return string(code), nil
}
