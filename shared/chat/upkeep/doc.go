// Package upkeep has the use cases beside the desk: the acts that are due at some time (Sweep,
// Watch, Retain), the commands of supervisors and operators, and the rights of people over
// their data.
//
// The comment of a method names the codes of its errors. Besides these, every method can
// return the codes that package desk lists for all its methods, and errors without a code.
package upkeep
