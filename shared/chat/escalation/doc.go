// Package escalation hands escalations of advisors to the territorial offices ("Linea INPS")
// and takes the offices' news back. An escalation is committed with its conversation and
// handed on by a queue. Linea INPS is asked about it before it is delivered again. An office
// that is late is reported.
//
// The comment of a method names the codes of its errors. Besides these, every method can
// return the codes that package desk lists for all its methods, and errors without a code.
package escalation
