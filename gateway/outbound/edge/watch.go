package edge

import (
	"context"
	"time"

	"htgateway/gateway/journal"
)

// watchClock notes when the site's clock is set.
func (s *Sender) watchClock(ctx context.Context) error {
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.lookAtClock(ctx)
	}
}

func (s *Sender) lookAtClock(ctx context.Context) {
	step, err := s.place.clocks.look(ctx)
	if err != nil && ctx.Err() == nil {
		s.s.Log.Warn("whether the clock was set is not known", "reason", err)
	}
	if step == 0 {
		return
	}
	s.post.stepped(step)
	s.s.Log.Warn("the clock of this site was set", "ahead_by_s", step)
	if err := s.place.save(ctx, true); err != nil {
		s.s.Log.Warn("that the clock was set is not kept", "reason", err)
	}
}

// recordsOf are the entries as they go to the centre.
func (s *Sender) recordsOf(ctx context.Context, entries []journal.Entry) []Record {
	s.lookAtClock(ctx)
	return s.place.clocks.recordsOf(entries)
}
