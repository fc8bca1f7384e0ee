package socket

import (
	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// The frames that clients send. Every frame has an action. It may have an id, which its answer
// carries as re. asyncapi.yaml has the names and limits.

type head struct {
	Action string `json:"action"`
	ID     *int   `json:"id,omitzero"`
}

type hello struct {
	head
	Conversation queue.ConversationID `json:"conversation,omitzero"`
	Since        int                  `json:"since,omitzero"`
	AnswersPings bool                 `json:"answers_pings,omitzero"`
}

type join struct {
	head
	Topic    queue.Topic `json:"topic"`
	Question string      `json:"question,omitzero"`
	Cases    []cases.ID  `json:"cases,omitzero"`
}

type send struct {
	head
	Conversation queue.ConversationID `json:"conversation"`
	Number       int                  `json:"number"`
	Text         string               `json:"text"`
}

type about struct { // typing, accept, ask
	head
	Conversation queue.ConversationID `json:"conversation"`
}

type read struct {
	head
	Conversation queue.ConversationID `json:"conversation"`
	Seq          int                  `json:"seq"`
}

type leave struct {
	head
	Conversation queue.ConversationID `json:"conversation,omitzero"`
	Elsewhere    bool                 `json:"elsewhere,omitzero"`
}

type ping struct {
	head
	Conversation queue.ConversationID `json:"conversation,omitzero"`
	AnswersPings bool                 `json:"answers_pings,omitzero"`
}

type here struct {
	head
	Conversation queue.ConversationID `json:"conversation,omitzero"`
}

type presence struct {
	head
	State    conversation.Presence `json:"state"`
	Capacity int                   `json:"capacity"`
}

type transfer struct {
	head
	Conversation queue.ConversationID `json:"conversation"`
	Advisor      identity.StaffID     `json:"advisor,omitzero"`
	Topic        queue.Topic          `json:"topic,omitzero"`
}

type escalate struct {
	head
	Conversation queue.ConversationID `json:"conversation"`
	Number       int                  `json:"number"`
	Case         cases.ID             `json:"case"`
	Text         string               `json:"text"`
}

type closing struct {
	head
	Conversation queue.ConversationID `json:"conversation"`
	Outcome      conversation.Outcome `json:"outcome"`
}
