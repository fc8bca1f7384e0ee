// Package store keeps the promises of store.Store over a table: keys, attributes and
// conditions of the chat are here and nowhere else. It knows no DynamoDB and no file.
//
// Numbers in keys are padded with zeros, so that they sort. Instants are numbers, UTC
// milliseconds; only expires is in seconds. Attributes that are zero are not there.
//
//	item           pk                    sk                    attributes
//	entry          log#<conversation>    <number>              one letter each, see entry.go
//	note           note#<conversation>   <note>                doc: conversation.Note as JSON
//	live mark      live#<0–7>            <person>              conversation, seen
//	advisor        advisor               <hash>#<advisor>      name, topics, person, presence, capacity, connection,
//	                                                           epoch, lease, assigned, open: set, absent if empty
//	counter        queue#<topic><shard>  line#counter          taken, called, erased
//	figures        queue#<topic>         line#figures          doc: queue.Figures as JSON
//	returned       queue#<topic>         returned#<place>#<id> doc: queue.Ticket as JSON
//	gone ticket    queue#<topic><shard>  vacant#<n>            expires
//	pass           pass#<hash of id>     pass                  doc: store.Pass as JSON, until, expires
//	escalation     outbox#<0–3>          <escalation>          one letter each, see entry.go
//	access         access#<conversation> <instant>#<id>        doc: store.Access as JSON
//	passes         guard#<who>           passes#<window>       n, expires
//	sockets        guard#<who>           sockets               open: set of <epoch>#<connection>, expires
//	slip           slip#<person>         slip                  after, expires
//	slips given    slips#<closing>       slips                 n, expires
//	rules          rules                 rules                 doc: store.DeskRules as JSON, rev
//
// An entry has k kind, t instant, b side, a author, w name, n client's number, x
// text, r reason, p profile, v promise as JSON, e escalation, and s the state after it, of which s is
// the status, q the topic, g the ticket's place, c and a the parties, w former advisors, k the cases, e the escalation and o
// the outcome, t, v and y whether the citizen is still there. An escalation has v conversation, n number of its entry, c case, o
// office, a advisor, b person, t instant, s status, k step, p protocol, d due, l late, x when
// to look again, z the number of the entry with what the office said last. "=" stands for what the item has elsewhere.
//
// <shard> is nothing for the first, #1 for the second, and so on: each has a
// partition of its own.
//
// A live mark or an escalation is in the partition that the hash of its name
// says, so that writes spread and all can be listed without index and without
// Scan; changing how many partitions there are means moving items. What is in
// the outbox is under way or ended in the last seven days: the sweep deletes it.
//
//	method                 request to the table
//	Tail                   Query log#, backwards, 1
//	Read, Transcript       Query log#, after the number
//	Commit                 Commit: the entry, if nothing has its number, and the changes
//	Live, Advisor, …       Get
//	AllLive, Escalations   Query of one partition after the other, 100 items a page
//	Advisors               Query advisor
//	SomeAdvisors           Query advisor from a hash on, 16 items, and from the first one where that is the end
//	Take                   Commit: taken + 1, which returns both
//	Call                   Commit: called = from + n if called is from and as many were taken, which returns both
//	Line, Glance           Query queue# of each shard, 62 items
//	CountPass, Enter       Commit: n + 1; open + the socket, which returns all
//	Leave                  Commit: open - the sockets
//	PutPass, Redeem        Commit: Put; Delete if not expired, which returns it
//
// Every read but Glance sees what was written before. Nothing relies on expires: expired items
// are recognised when they are read, and the counts of the guard mean nothing after a
// day. Two things are possible after a write without an answer, both harmless: a ticket that
// nobody has (Take, Call), which is passed over and put right by the sweep, and a pass
// that is used up unanswered.
package store
