package cot

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/gateway/incident"
	"htgateway/gateway/status"
)

// Updates is the log of what changed.
type Updates interface {
	Follow(ctx context.Context, after uint64, take func([]incident.Update) error) error
	Last() uint64
}

// Present answers for the present.
type Present interface {
	Open() []incident.Incident
	Incident(id string) (incident.Incident, bool)
	Units() []incident.UnitState
	UnitByID(id string) (incident.UnitState, bool)
}

// Settings of the sink.
type Settings struct {
	Outputs []Output
	// Stale is how long an event is good for.
	Stale time.Duration
	// UnitType is the type of a unit's event.
	UnitType string
	// Now is the gateway's clock; Speed its factor against real time.
	Now   func() time.Time
	Speed float64
	Log   *slog.Logger
}

// Sink tells the picture to every output.
type Sink struct {
	s       Settings
	updates Updates
	present Present
	senders []*sender
	// alerts are since when units are in emergency, and calmed when that ended, by
	// unit; only Run's goroutine uses them.
	alerts, calmed map[string]time.Time
}

// New returns a sink that has not begun.
func New(u Updates, p Present, s Settings) *Sink {
	k := &Sink{s: s, updates: u, present: p, alerts: map[string]time.Time{}, calmed: map[string]time.Time{}}
	for _, o := range s.Outputs {
		k.senders = append(k.senders, newSender(o, s.Now, s.Log))
	}
	return k
}

// Status is how each output stands.
func (k *Sink) Status() []status.Status {
	out := make([]status.Status, len(k.senders))
	for i, s := range k.senders {
		out[i] = s.current.Read()
	}
	return out
}

// Run sends what there is, then what changes, and all of it again before it goes
// stale: a listener may have come later, and a datagram may have been lost.
func (k *Sink) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range k.senders {
		group.Go(func() error { return s.run(ctx) })
	}
	changed := make(chan []incident.Update)
	after := k.updates.Last() // before the picture is sent: nothing falls between
	group.Go(func() error {
		err := k.updates.Follow(ctx, after, func(us []incident.Update) error {
			select {
			case changed <- us:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("cursor on target stopped: %w", err)
	})
	group.Go(func() error {
		again := time.NewTicker(max(time.Duration(float64(k.s.Stale)/3/k.s.Speed), 100*time.Millisecond))
		defer again.Stop()
		k.everything()
		for {
			select {
			case us := <-changed:
				k.changed(us)
			case <-again.C:
				k.everything()
			case <-ctx.Done():
				return nil
			}
		}
	})
	return group.Wait()
}

func (k *Sink) send(e []byte) {
	for _, s := range k.senders {
		s.send(e)
	}
}

// everything tells the whole picture.
func (k *Sink) everything() {
	now := k.s.Now().UTC()
	for _, u := range k.present.Units() {
		if e, fresh := k.s.unit(u, now); fresh {
			k.send(e)
		}
		k.emergency(u, now, now)
	}
	for _, in := range k.present.Open() {
		if e, placed := k.s.incident(in, now); placed {
			k.send(e)
		}
	}
}

// changed tells what updates are about, each once.
func (k *Sink) changed(us []incident.Update) {
	now := k.s.Now().UTC()
	units, incidents := map[string]bool{}, map[string]bool{}
	for i := range us {
		u := &us[i]
		switch u.Kind {
		case incident.UpdateFix:
			units[u.Unit] = u.Newest || units[u.Unit]
		case incident.UpdateOpened, incident.UpdateChanged, incident.UpdateClosed, incident.UpdateMilestone:
			incidents[u.Incident] = true
		case incident.UpdateAlert, incident.UpdateAlertAck:
			if s, known := k.present.UnitByID(u.Unit); known {
				k.emergency(s, u.At, now)
			}
		}
	}
	for id, newest := range units {
		if s, known := k.present.UnitByID(id); known && newest {
			if e, fresh := k.s.unit(s, now); fresh {
				k.send(e)
			}
		}
	}
	for id := range incidents {
		in, known := k.present.Incident(id)
		switch {
		case !known:
		case in.Ended():
			k.send(k.s.over(in, now))
		default:
			if e, placed := k.s.incident(in, now); placed {
				k.send(e)
			}
		}
	}
}

// emergency sends a unit's emergency for as long as it stands, and its end until the
// last alert would have gone stale: the datagram that says so may be lost.
func (k *Sink) emergency(u incident.UnitState, at, now time.Time) {
	since, raised := k.alerts[u.ID]
	end, over := k.calmed[u.ID]
	switch {
	case u.Emergency:
		if !raised {
			since = at
			k.alerts[u.ID] = since
		}
		delete(k.calmed, u.ID)
		k.send(k.s.alert(u, since, now))
	case raised:
		delete(k.alerts, u.ID)
		k.calmed[u.ID] = now
		k.send(k.s.calm(u, now))
	case over && now.Sub(end) > k.s.Stale:
		delete(k.calmed, u.ID)
	case over:
		k.send(k.s.calm(u, now))
	}
}
