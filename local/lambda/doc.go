// Package lambda runs functions as AWS Lambda runs them: as the binaries that are
// deployed, each invocation an event in and an answer out.
//
// Runtime does it without a container. Every process gets an HTTP server of its
// own that speaks the Lambda Runtime API of 2018-06-01
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html):
//
//	GET  /runtime/invocation/next           the next event; waits until there is one
//	POST /runtime/invocation/{id}/response  its answer: 202
//	POST /runtime/invocation/{id}/error     its failure: 202
//	POST /runtime/init/error                the process cannot start: 202
//
// A process is in one of four states:
//
//	coming   started, or has answered: will soon ask for an event
//	idle     asked, and waits
//	serving  was given an event
//	leaving  will be killed, or has ended
//
// It has 10 seconds to come and the function's timeout to serve; then it is
// killed. An invocation takes the process that became idle last. If there is none,
// it waits for one that comes, and a process is started when more invocations
// wait than processes come, up to the function's maximum.
//
// # Processes that die
//
// An event is handed to a second process only if the first is dead and cannot
// have read it all: Linux resets a connection that ends with unread bytes, and
// where a system does not, the event counts as read. So a process that is killed
// while idle fails no invocation, and no event is executed twice. An invocation
// whose process has read the event and dies fails with ExitError: nobody knows how
// far it came.
//
// Endpoint invokes functions that another program runs, such as
// "sam local start-lambda".
//
// Not imitated: limits of memory and CPU, frozen processes between invocations,
// extensions, response streaming, asynchronous invocation, X-Ray.
package lambda
