package upkeep

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
)

// LookEvery is the time between two sweeps while people may be there. A schedule that fires
// once a minute is too coarse to notice that a citizen or advisor has vanished, so the
// function that it calls stays and sweeps again.
const LookEvery = 10 * time.Second

// Watch calls look, which is a sweep, at most looks times. It goes on, with a look every
// LookEvery, while the desk serves, opens soon, was closed a moment ago, or has live
// conversations. Otherwise it returns after the first look. After a closure it goes on until
// every function has read the rules again, since a function with older rules may still let a
// citizen in.
//
// Watch is awake at the instant of the opening, even if it takes one look more. Then it first
// serves the citizens who have waited for the opening, because a look at thousands of
// conversations takes its time.
//
// Watch ends early if ctx leaves no time for another look. It returns what the last look
// found, and the errors of all looks joined, with no code of its own.
func (d *Service) Watch(ctx context.Context, looks int, look func(context.Context) (Swept, error)) (last Swept, err error) {
	for n := 1; ; n++ {
		began := time.Now()
		swept, failed := look(ctx)
		last, err = swept, errors.Join(err, failed)
		day, unknown := d.Phase(ctx)
		bell := day.Early && day.Opens <= LookEvery
		idle := !day.Serving && !day.Early && !day.Over && swept.Looked == 0
		if unknown != nil || idle || n >= looks && !bell {
			return last, err
		}
		pause := LookEvery - time.Since(began)
		if bell {
			pause = min(pause, day.Opens+time.Millisecond)
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < pause+lookTime {
			return last, err
		}
		if desk.Sleep(ctx, pause) != nil {
			return last, err
		}
		if bell {
			d.serveAll(ctx)
		}
	}
}

// serveAll assigns the conversations that wait to the advisors who are free, if the desk
// serves.
func (d *Service) serveAll(ctx context.Context) {
	for _, topic := range queue.Topics {
		d.Dispatch(ctx, topic, conversation.Entry{})
	}
}

// lookTime is the time that must be left before ctx's deadline for another look to begin.
const lookTime = 3 * time.Second
