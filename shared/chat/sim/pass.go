package sim

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json/v1"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
)

// origin is where the pages are.
const origin = "https://pages.example"

// takePass takes a ticket for a socket and opens that with it: soon, or when it has
// expired. Sometimes the ticket is tried twice.
func (w *world) takePass(x *wire, done func(*wire)) {
	var p store.Pass
	w.invoke("ticket "+x.who.ID, func(ctx context.Context) (_ string, err error) {
		p, err = w.desk.NewPass(ctx, x.who)
		return "", err
	}, func(r result) {
		if r.err != nil || r.died {
			done(nil)
			return
		}
		if w.chance(0.06) {
			w.logout(x.who, p, done)
			return
		}
		wait := w.between(0, time.Second)
		if w.chance(0.1) {
			wait = w.between(25*time.Second, time.Minute)
		}
		w.after(wait, func() {
			w.redeem(x.who.ID, p, func(values map[string]any) {
				if values == nil {
					done(nil)
					return
				}
				who, _ := values["identity"].(string)
				if err := json.Unmarshal([]byte(who), &x.who); err != nil {
					panic(err) // the authorizer made it
				}
				id, _ := values["conversation"].(string)
				x.about, x.at = queue.ConversationID(id), w.now()
				w.connected(x, done)
			})
		})
		if w.chance(0.1) {
			w.after(wait, func() { w.redeem(x.who.ID, p, func(map[string]any) {}) })
		}
	})
}

// logout is in another tab, while a ticket has been fetched and not used: afterwards it
// opens nothing.
func (w *world) logout(who conversation.Caller, p store.Pass, done func(*wire)) {
	w.invoke("logout "+who.ID, func(ctx context.Context) (string, error) {
		return "", w.desk.Logout(ctx, who)
	}, func(r result) {
		if r.err != nil || r.died {
			done(nil)
			return
		}
		w.redeem(who.ID, p, func(values map[string]any) {
			if values != nil {
				w.violate("I-11", "a ticket of %s opens a socket after the logout", who.ID)
			}
			done(nil)
		})
	})
}

// redeem is the authorizer; then gets what it says, nil if it does not let in. A ticket
// lets in once, and not after it has expired.
func (w *world) redeem(who string, p store.Pass, then func(map[string]any)) {
	var values map[string]any
	allowed := false
	w.invoke("authorize "+who, func(ctx context.Context) (string, error) {
		r, err := w.authorize.Handle(ctx, events.APIGatewayCustomAuthorizerRequestTypeRequest{
			QueryStringParameters: map[string]string{"ticket": p.ID}, Headers: map[string]string{"Origin": origin},
		})
		if err == nil {
			values, allowed = r.Context, r.PolicyDocument.Statement[0].Effect == "Allow"
		}
		return "", err
	}, func(r result) {
		if r.err != nil || r.died || !allowed {
			then(nil)
			return
		}
		if late := w.now().Sub(p.Expires); late > longest+time.Second {
			w.violate("I-11", "a ticket of %s lets in %s after it has expired", who, late)
		}
		if w.redeemed[p.ID] {
			w.violate("I-11", "a ticket of %s lets in twice", who)
		}
		w.redeemed[p.ID] = true
		then(values)
	})
}
