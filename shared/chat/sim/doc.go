// Package sim runs the real handlers, with many citizens and advisors, in virtual
// time and under one seeded scheduler, and lets everything go wrong that the
// platform allows itself: requests that are throttled, replies that are lost,
// processes that die before or after any effect, notices of closed sockets that
// come late or never, pushes into nothing, messages twice, sweeps that are missed.
//
// A run has phases. First a load with faults; then the faults stop and everybody
// who was away comes back; then what must come about is waited for; then advisors
// close what is open; weeks later retention deletes all of it. What the service
// promises (docs/design.md, "Invariants") is checked along the way
// and at the end.
//
// A seed determines a run: the same seed gives the same trace. Every effect, that
// is every call of the store, of @connections, of the queue and of Linea INPS, is
// a point at which the scheduler decides who goes on and what goes wrong. Between
// two points handlers share nothing.
//
// A run must be in a bubble of testing/synctest.
package sim
