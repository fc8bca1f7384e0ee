// Package store keeps the promises of store.Store over a table. The keys, attributes and
// conditions of the chat are here and nowhere else. The package knows neither DynamoDB nor
// files.
//
// Numbers in keys are padded with zeros, so that they sort. Instants are numbers of UTC
// milliseconds; only the attribute expires is in seconds. Attributes with zero values are absent.
//
//	item           pk                    sk                    attributes
//	entry          log#<conversation>    <number>              one letter each, see entry.go
//	note           note#<conversation>   <note>                doc: conversation.Note as JSON
//	live mark      live#<0–7>            <holder>              conversation, company, seen
//	advisor        advisor               <hash>#<advisor>      name, topics, person, presence, capacity, connection,
//	                                                           epoch, lease, assigned, open: set, absent if empty
//	counter        queue#<topic><shard>  line#counter          taken, called, erased
//	figures        queue#<topic>         line#figures          doc: queue.Figures as JSON
//	returned       queue#<topic>         returned#<place>#<id> doc: queue.Ticket as JSON
//	gone ticket    queue#<topic><shard>  vacant#<n>            expires
//	pass           pass#<hash of id>     pass                  doc: store.Pass as JSON, until, expires
//	escalation     outbox#<0–3>          <escalation>          one letter each, see entry.go
//	access         access#<conversation> <instant>#<id>        doc: store.Access as JSON
//	passes         guard#<id>            passes#<window>       n, passes: set of pass ids, expires
//	sockets        guard#<id>            sockets               open: set of <epoch>#<connection>, expires
//	slip           slip#<holder>         slip                  after, expires
//	slips given    slips#<closing>       slips                 n, expires
//	rules          rules                 rules                 doc: store.DeskRules as JSON, rev
//
// The attributes of an entry: k kind, t instant, b side, a author, w the author's name, n the
// client's number, x text, r reason, p profile, v promise as JSON, o when the desk opens again,
// e escalation, s the state after the entry.
//
// Some attributes of the state: s status, q topic, z h n g the ticket's topic, shard, number and
// place, c the citizen, a the advisor, w former advisors, k cases, e escalation, o outcome. The
// attributes t, v and y say whether the citizen is still there (Sign, AnswerUntil, Aside). The
// functions in entry.go list them all.
//
// The attributes of an escalation: v conversation, n number of its entry, c case, o office, a
// advisor, b person, t instant, s status, k step, p protocol, d due, l late, x when to look at it
// again, z the number of the entry with the office's last words.
//
// The value "=" stands for a value that the item has in another attribute too.
//
// <shard> is empty for the first shard, #1 for the second, and so on. Each shard has a partition
// of its own.
//
// The hash of its name gives the partition of a live mark or an escalation. So writes are spread,
// and all marks can be listed without an index and without Scan. To change the number of
// partitions, items have to be moved. The outbox has the escalations that are under way or have
// ended in the last seven days; the sweep deletes the others.
//
//	method                 request to the table
//	Tail                   Query log#, backwards, 1
//	Read                   Query log#, after the number
//	Commit                 Commit: the entry, if nothing has its number, and the changes
//	Live, Advisor, …       Get
//	AllLive, Escalations   Query of one partition after the other, 100 items a page
//	Advisors               Query advisor
//	SomeAdvisors           Query advisor from a hash on, 16 items, and again from the first one if these are fewer
//	Take                   Commit: taken + 1; returns both counts
//	Call                   Commit: called = from + n if called is from and taken is at least from + n; returns both
//	Line, Glance           Query queue# of each shard, 62 items
//	CountPass, Enter       Commit: n + 1 and the pass; open + the socket, which returns all
//	Leave                  Commit: open - the sockets
//	PutPass, Redeem        Commit: Put; Delete if not expired, which returns the pass
//
// Every read but Glance sees all earlier writes. Nothing relies on expires: an expired pass is
// recognised when it is read, and the guard's counts mean nothing after a day. After a write
// without an answer two things are possible, and both are harmless: a ticket that no citizen has
// (Take, Call), which is passed over and which the sweep takes out of the line, and a pass that is
// used up although its bearer got no answer.
package store
