// Package desk has the use cases of citizens and advisors: join, write, accept, hand over,
// close. Each decides by package conversation, commits one step to the store and tells both
// sides afterwards. It knows no technology: it asks for a Pusher and for Cases.
package desk
