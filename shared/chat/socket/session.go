package socket

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
)

// A session is the caller at the other end of a socket, as the authorizer said when the socket
// was opened. The gateway repeats it with every frame, so that no frame needs a look-up.
type session struct {
	who          conversation.Caller
	conversation queue.ConversationID // the live conversation when the socket was opened
}

// The keys of the authorizer's context. API Gateway makes strings of its values.
const (
	identityKey     = "identity"
	conversationKey = "conversation"
)

func contextOf(p store.Pass) (map[string]any, error) {
	who, err := json.Marshal(p.Identity)
	if err != nil {
		return nil, err
	}
	return map[string]any{identityKey: string(who), conversationKey: string(p.Conversation)}, nil
}

// sessionOf reads a session from the context of a gateway event. An error means that the
// deployment is wrong, because no client can cause it.
func sessionOf(rc events.APIGatewayWebsocketProxyRequestContext) (session, error) {
	s := session{who: conversation.Caller{Connection: conversation.Connection{ID: conversation.ConnectionID(rc.ConnectionID), Epoch: rc.ConnectedAt}}}
	values, ok := rc.Authorizer.(map[string]any)
	if !ok {
		return s, fmt.Errorf("the authorizer's context is %T", rc.Authorizer)
	}
	who, _ := values[identityKey].(string)
	if err := json.Unmarshal([]byte(who), &s.who); err != nil {
		return s, fmt.Errorf("the authorizer's identity: %w", err)
	}
	id, _ := values[conversationKey].(string)
	s.conversation = queue.ConversationID(id)
	return s, nil
}
