// Package conversation has the rules of a conversation, which is a log of entries whose last
// one is its state. They are pure: they read no clock and no store.
//
// The edges between the statuses, and there are no others:
//
//	(none)        → queued         joined
//	queued        → assigned       assigned
//	queued        → closed         closed (left, away, silent, desk closed)
//	assigned      → queued         requeued, transferred: same ticket
//	assigned      → citizen_away   away; accepted while the citizen is not connected
//	assigned      → closed         closed
//	citizen_away  → assigned       anything that the citizen sends
//	citizen_away  → queued         requeued: the advisor is lost or has logged out
//	citizen_away  → closed         closed
//
// News of an escalation (progressed) come in any status, also closed, and change
// none. Erasure (closed → erased) deletes the log and is no entry of it.
//
// Decide is the heart: a pure function from the last entry and a command to the next entry.
package conversation
