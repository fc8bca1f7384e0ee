// Package desk has the use cases of citizens and advisors: join, write, accept, transfer,
// close. A use case decides by package conversation, commits one step to the store, and then
// tells both sides. The package knows no technology: it uses the interfaces Pusher and Cases.
//
// The comment of a method names the codes of its errors. Besides these, every method that uses
// the store can return code.Throttled if the store is overloaded, and errors without a code.
package desk
