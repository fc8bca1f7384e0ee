package topology

// The queue to Linea INPS.
const (
	Queue      = "escalations"
	DeadLetter = "escalations-dead"
	Consumer   = Escalate
	// BatchSize is how many messages an invocation gets. Each may wait for Linea
	// INPS twice.
	BatchSize = 1
	// Visibility is for how long a message that is being handled is hidden,
	// in seconds: six times the function's timeout, as AWS asks for.
	// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
	Visibility = 6 * Timeout
	// MaxReceive is how often a message is tried before it is a dead letter.
	MaxReceive = 5
	// DeadDays is for how many days a dead letter is kept.
	DeadDays = 14
)
