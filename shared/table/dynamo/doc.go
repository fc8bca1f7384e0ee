// Package dynamo drives a table on DynamoDB. It knows AWS's expressions, limits, retries
// and outcomes that are not known, and no area.
//
// Every item has the keys pk and sk, both strings. The attribute expires, in seconds, is
// what DynamoDB's TTL reads; nothing relies on it.
//
//	method                       request
//	Get                          GetItem, strongly consistent
//	Query                        Query of one partition, strongly consistent unless stale
//	Commit, one write            PutItem, UpdateItem or DeleteItem on its condition
//	Commit, several, or Once     TransactWriteItems, each item on its condition
//
// Writes are not retried by the SDK but here (retry.go), where it is known whether an
// attempt without an answer went before. Such an attempt is never reported as a failure if
// it did commit: a transaction repeats its token, and a put that meets an item equal to
// its own has met its own. What may happen twice is a lone Add that is not Once, and what may
// happen unanswered is a lone write that returns something.
package dynamo
