// Package httpapi is the HTTP API: availability for everybody, tickets, cases
// and transcripts for citizens, the advisors' and the operators' requests. What
// it promises to clients is in openapi.yaml, which a test compares with this
// code.
package httpapi
