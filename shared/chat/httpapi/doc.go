// Package httpapi is the HTTP API: availability for all clients, tickets, cases and
// transcripts for citizens, and the requests of advisors, supervisors, operators and Linea
// INPS. openapi.yaml says what clients can rely on, and a test compares it with this code.
package httpapi
