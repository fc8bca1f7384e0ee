// Package queue has the rules of the order of service: topics, tickets, the line of a topic
// and the estimate of the wait in it. They are pure: they read no clock and no store.
package queue
