// Package escalation takes what an advisor escalates to the territorial office ("Linea
// INPS") and its news back: committed with the conversation, handed on by a queue, asked for
// before it is repeated, raised when it is late.
package escalation
