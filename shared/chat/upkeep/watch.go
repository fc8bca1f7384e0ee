package upkeep

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
)

// LookEvery is how often somebody looks who has vanished, while anybody may be there.
// A schedule that fires once a minute is too coarse for it: who is called by one
// stays and looks again.
const LookEvery = 10 * time.Second

// Watch looks, and while the desk serves people, or opens soon, or a conversation goes
// on, looks again every LookEvery, as often as it is told, and at the instant of the
// opening: then it serves who has waited for that before it looks, since a look at
// thousands takes its time. It ends early where ctx leaves no time for another look, and
// with the first look while the desk is closed and nobody is there, unless it has just
// closed: until every function has read the rules again, somebody may still come in. It
// returns what the last look found, and the errors of all.
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

// serveAll gives who waits to who is free, if the desk serves.
func (d *Service) serveAll(ctx context.Context) {
	for _, topic := range queue.Topics {
		d.Dispatch(ctx, topic, conversation.Entry{})
	}
}

// lookTime is how long a look may take that is still begun.
const lookTime = 3 * time.Second
