// Package chat is the domain: conversations, the queue, advisors, escalations,
// and Desk, the use cases. It knows no technology: it asks for a Store, a
// Pusher and Cases by interfaces whose comments are the specification.
//
// A conversation is a log of entries, and its last entry is its state. The
// edges between the statuses, and there are no others:
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
// Decide is the heart: a pure function from the last entry and a command to
// the next entry. What else must change with an entry follows from the two
// states alone (StepFor). The store commits both in one step; pushes come
// after the commit and may get lost.
package chat
