package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

var authorizationV4 = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([A-Za-z0-9_-]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$`)

// checkSignature reports what is wrong with the form of a Signature Version 4
// for execute-api in region. The signature itself is not verified: there are
// no secrets on one machine.
func checkSignature(h http.Header, region string) error {
	value := h.Get("Authorization")
	if value == "" {
		return errors.New("missing authentication token")
	}
	m := authorizationV4.FindStringSubmatch(value)
	if m == nil {
		return errors.New("authorization header is not a Signature Version 4")
	}
	date, scopeRegion, service, signed := m[2], m[3], m[4], strings.Split(m[5], ";")
	switch {
	case service != "execute-api" || scopeRegion != region:
		return fmt.Errorf("credential should be scoped to %s/execute-api, is %s/%s", region, scopeRegion, service)
	case !slices.Contains(signed, "host") || !slices.Contains(signed, "x-amz-date"):
		return errors.New("host and x-amz-date must be signed")
	case !strings.HasPrefix(h.Get("X-Amz-Date"), date+"T"):
		return errors.New("x-amz-date does not match the credential scope")
	}
	return nil
}
