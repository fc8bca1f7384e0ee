// Package embedded keeps the promises of chat.Store in one process, with bbolt:
// in a file that survives SIGKILL and power loss, or in memory.
//
// It serves one machine: local runs, tests and the simulator. Production has
// package dynamo. Every bucket holds JSON:
//
//	bucket       key                               value
//	log          conversation, 0, number (8 B BE)  chat.Entry
//	live         person                            chat.Live
//	advisor      advisor                           chat.Advisor
//	counter      topic                             taken and called
//	returned     topic, 0, number, topic and shard chat.Ticket
//	gone         topic, 0, number                  nothing
//	figures      topic                             chat.Figures
//	pass         id                                chat.Pass
//	escalation   id                                chat.Escalation
//	note         conversation, 0, id               chat.Note
//	rules        "rules"                           chat.DeskRules
//	passes       window (8 B BE), 0, person or advisor  how many
//	socket       person or advisor, 0, epoch, connection  nothing
//	access       conversation, 0, instant, id      chat.Access
package embedded
