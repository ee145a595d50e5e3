package series

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"htgateway/gateway/state/updatelog"
	"htgateway/gateway/status"
	"htgateway/telemetry"
)

// Cursor names the series among the sinks, and its cursor in the log of updates.
const Cursor = "series"

// Settings of the series.
type Settings struct {
	// Kind is the store's, "sqlite" or "influx".
	Kind  string
	Store telemetry.Store
	// Area is the service area.
	Area string
	// Updates is the log, Paced how it is followed when not as fast as it grows.
	Updates *updatelog.Log
	Paced   telemetry.Updates
	// Now is the gateway's clock.
	Now func() time.Time
	Log *slog.Logger
}

// Sink carries updates into the series.
type Sink struct {
	s        Settings
	follower *telemetry.Follower
}

// New returns a sink that has not begun.
func New(s Settings) *Sink {
	if s.Paced == nil {
		s.Paced = s.Updates
	}
	k := &Sink{s: s}
	k.follower = telemetry.NewFollower(telemetry.FollowerOptions{
		Sink: Cursor, Updates: s.Paced, Store: s.Store, SetAside: k.setAside, Log: s.Log, Now: s.Now,
		Area: s.Area, ResetAtStart: true,
	})
	return k
}

// Run carries until ctx ends.
func (k *Sink) Run(ctx context.Context) error { return k.follower.Run(ctx) }

func (k *Sink) setAside(ctx context.Context, r telemetry.Refused) error {
	return k.s.Updates.SetAside(ctx, updatelog.DeadLetter{
		Sink: Cursor, Seq: r.Seq, At: k.s.Now(), Reason: r.Reason, Body: fmt.Sprintf("%+v", r.Point),
	})
}

// Status is how the store stands; Reports counts the points that it took and Errors those
// that it refused for good.
func (k *Sink) Status() []status.Status {
	is := k.follower.State()
	out := status.Status{ID: Cursor, Kind: "store", Protocol: k.s.Kind, State: status.Up, Since: is.WroteAt, Reports: is.Points, Errors: is.Refused}
	n, err := k.s.Updates.CountDeadLetters(context.Background())
	switch {
	case err != nil:
		out.Why = err.Error()
	case n > 0:
		out.DeadLetters = n
		out.Why = fmt.Sprintf("%d titik ditolak dan disisihkan / points refused and set aside: /api/v1/telemetry/dead-letters", n)
	}
	return []status.Status{out.DownSince(is.AwaySince, is.Reason)}
}

// Stored is the update up to which the store has all points.
func (k *Sink) Stored() uint64 { return k.follower.State().Seq }

// Drain returns once everything that was in the log at the call is in the store.
func (k *Sink) Drain(ctx context.Context) error { return k.s.Updates.Await(ctx, Cursor, nil) }
