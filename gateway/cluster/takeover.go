package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// Parts are what a gateway must bring up to date before it leads.
type Parts struct {
	// State is ready once everything in the journal is folded.
	State interface {
		Ready(ctx context.Context) error
	}
	// Roster takes what the gateway that leads enrols.
	Roster interface {
		CatchUp(ctx context.Context) error
	}
	// Intake recalls what was heard, so that a message that is sent again is known.
	Intake interface {
		Recall(ctx context.Context) error
	}
	// Cursors are moved to where the gateway that led before had them.
	Cursors Cursors
}

// TakeOver waits until this gateway leads. Lost is closed when another took over; it is
// nil for a gateway alone, which leads at once. Errors wrap [ErrRestart] when the procedure
// changed meanwhile.
func (m *Member) TakeOver(ctx context.Context, p Parts) (lost <-chan struct{}, err error) {
	if m.Alone() {
		close(m.leads)
		return nil, nil
	}
	m.o.Log.Info("standing by", "area", m.o.Area, "active", m.shared.Writer())
	standing, end := context.WithCancel(ctx)
	defer end()
	watched := make(chan error, 1)
	go func() { watched <- m.watchRoster(standing, p) }()
	led := make(chan error, 1)
	go func() {
		var err error
		lost, err = m.shared.Lead(standing)
		led <- err
	}()
	select {
	case err := <-watched:
		end()
		<-led
		return nil, err
	case err := <-led:
		if err != nil {
			return nil, err
		}
	}
	began := time.Now()
	if err := p.State.Ready(ctx); err != nil {
		return nil, err
	}
	end()
	if err := <-watched; errors.Is(err, ErrRestart) {
		return nil, err
	}
	if err := errors.Join(p.Roster.CatchUp(ctx), p.Intake.Recall(ctx), m.takeCursors(ctx, p.Cursors)); err != nil {
		return nil, err
	}
	close(m.leads)
	m.o.Log.Info("taking over", "area", m.o.Area, "took", time.Since(began))
	return lost, nil
}

// watchRoster has the roster follow what the leader enrols, and ends when the leader judges by
// another procedure: who stands by then begins again under it.
func (m *Member) watchRoster(ctx context.Context, p Parts) error {
	return m.journal.Follow(ctx, m.read, func(entries []journal.Entry) error {
		enrolled := false
		for _, e := range entries {
			if e.Kind == journal.KindProcedure {
				return ErrRestart
			}
			enrolled = enrolled || e.Kind == journal.KindEnrolment
		}
		if enrolled {
			if err := p.Roster.CatchUp(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// shareEvery is how often the leader lets the others know how far its sinks are. Who
// takes over sends again what was sent since.
const shareEvery = time.Second

// ShareCursors lets the others know, until ctx ends, how far the sinks are that send to
// other systems. Only the leader may call it.
func (m *Member) ShareCursors(ctx context.Context, c Cursors) error {
	if m.Alone() {
		return nil
	}
	tick := time.NewTicker(shareEvery)
	defer tick.Stop()
	var before string
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		cursors, err := c.PublishedEntries(ctx)
		if now := fmt.Sprint(cursors); err == nil && now != before {
			if err = m.shared.SharePublished(ctx, cursors); err == nil {
				before = now
			}
		}
		if err != nil && ctx.Err() == nil {
			m.o.Log.Warn("others do not know how far the sinks are", "reason", err)
		}
	}
}

// takeCursors begins the sinks where the gateway that led before had them.
func (m *Member) takeCursors(ctx context.Context, c Cursors) error {
	cursors, err := m.shared.PublishedEntries(ctx)
	if err != nil {
		return err
	}
	for sink, seq := range cursors {
		if err := c.SetPublished(ctx, sink, incident.Update{JournalSeq: seq}); err != nil {
			return err
		}
	}
	return nil
}
