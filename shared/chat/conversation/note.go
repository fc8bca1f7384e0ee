package conversation

import (
	"time"

	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// A Note is a private remark of an advisor. It is kept beside the conversation, and the
// citizen never gets it.
type Note struct {
	ID           string               `json:"id"` // the advisor and the client's own number: a resend is the same note
	Conversation queue.ConversationID `json:"conversation"`
	Author       identity.StaffID     `json:"author"`
	Name         string               `json:"name"`
	Text         Text                 `json:"text"`
	At           time.Time            `json:"at"`
}
