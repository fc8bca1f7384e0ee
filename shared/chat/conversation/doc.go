// Package conversation has the rules of a conversation. A conversation is a log of entries,
// and its last entry carries its state. The rules are pure: they read no clock and no store.
//
// These are all edges between the statuses:
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
// News of an escalation (progressed) may come in any status, also closed, and changes none.
// Erasure (closed → erased) deletes the log and is not an entry.
//
// Decide is the central function. It is a pure function from the last entry and a command to
// the next entry.
package conversation
