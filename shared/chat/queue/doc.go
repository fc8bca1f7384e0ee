// Package queue has the rules of the order of service: topics, tickets, what a line is and
// how long it takes. They are pure: they read no clock and no store.
package queue
