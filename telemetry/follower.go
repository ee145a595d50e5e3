package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/incident"
)

// Updates is the log of updates that a [Follower] reads, with its cursor.
type Updates interface {
	// Follow calls take with every update after the given number and then with
	// each new one, until ctx ends or take fails.
	Follow(ctx context.Context, after uint64, take func([]incident.Update) error) error
	// Last is the number of the newest update. It is the last one of its journal entry.
	Last() uint64
	Cursor(ctx context.Context, sink string) (uint64, error)
	SetCursor(ctx context.Context, sink string, seq uint64) error
	// SettingsHash identifies the settings under which the updates were made.
	SettingsHash() string
}

// Refused is a point that the store will never take.
type Refused struct {
	// Seq is the update that the point came from.
	Seq    uint64
	Reason string
	Point  Point
}

// FollowerOptions are the parts of a [Follower]. All are needed.
type FollowerOptions struct {
	// Sink names the cursor.
	Sink    string
	Updates Updates
	Store   Store
	// SetAside keeps a refused point for people to look at.
	SetAside func(context.Context, Refused) error
	Log      *slog.Logger
	Now      func() time.Time
	// Area is the service area, the tag area of every point.
	Area string
	// ResetAtStart empties the store of the area's points when it was made of updates
	// under other settings, which may give points other tags or none.
	ResetAtStart bool
	// FirstWait and LongestWait bound the back-off while the store is away;
	// zero for 200 ms and 30 s.
	FirstWait, LongestWait time.Duration
}

// Follower carries updates into a store: it writes the points of a batch, and
// only then moves its cursor. While the store is away it waits and tries the
// same batch again; it never skips one.
type Follower struct {
	o FollowerOptions

	noted time.Time // the day of the newest note of what the series is made

	mu    sync.Mutex
	state State
}

// State is how a follower stands, for /api/v1/links.
type State struct {
	Sink string `json:"sink"`
	// Seq is the update up to which all points are stored.
	Seq uint64 `json:"seq"`
	// Points and Refused count since the start; a point that was written again
	// after a restart counts again.
	Points  uint64 `json:"points"`
	Refused uint64 `json:"refused"`
	// Failures counts tries that failed as a whole.
	Failures uint64 `json:"failures"`
	// AwaySince is when the store stopped taking points; zero while it does.
	AwaySince time.Time `json:"away_since,omitzero"`
	// Reason is why, as the last try failed.
	Reason string `json:"reason,omitzero"`
	// WroteAt is when points were last stored.
	WroteAt time.Time `json:"wrote_at,omitzero"`
}

// NewFollower returns a follower that has not begun.
func NewFollower(o FollowerOptions) *Follower {
	if o.FirstWait == 0 {
		o.FirstWait = 200 * time.Millisecond
	}
	if o.LongestWait == 0 {
		o.LongestWait = 30 * time.Second
	}
	return &Follower{o: o, state: State{Sink: o.Sink}}
}

// State returns how the follower stands.
func (f *Follower) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// Run follows until ctx ends. It returns nil then and never before: whatever
// fails is logged, shown in [State] and tried again.
func (f *Follower) Run(ctx context.Context) error {
	for wait := f.o.FirstWait; ctx.Err() == nil; wait = min(2*wait, f.o.LongestWait) {
		before := f.State().Seq
		err := f.follow(ctx)
		if f.State().Seq > before {
			wait = f.o.FirstWait
		}
		if ctx.Err() == nil {
			f.failed(ctx, err)
			if reconnect.Pause(ctx, spread(wait)) != nil {
				return nil
			}
		}
	}
	return nil
}

// follow runs from the cursor until something other than the store fails.
func (f *Follower) follow(ctx context.Context) error {
	cursor, order, err := f.begin(ctx)
	if err != nil {
		return err
	}
	f.mu.Lock()
	f.state.Seq, f.state.AwaySince, f.state.Reason = cursor, time.Time{}, ""
	f.mu.Unlock()
	var waiting []incident.Update
	return f.o.Updates.Follow(ctx, cursor, func(updates []incident.Update) error {
		newest := f.o.Updates.Last()
		if len(waiting) > 0 {
			updates = append(waiting, updates...)
		}
		n := wholeEntries(updates, newest)
		waiting = slices.Clone(updates[n:])
		if n == 0 {
			return nil
		}
		if err := f.take(ctx, order, updates[:n]); err != nil {
			return err
		}
		return f.noteMade(ctx)
	})
}

// take stores what whole entries mean and moves the cursor past them.
func (f *Follower) take(ctx context.Context, order *standing, updates []incident.Update) error {
	points, err := order.points(ctx, updates)
	if err != nil {
		return err
	}
	last := updates[len(updates)-1]
	if err := f.store(ctx, points); err != nil {
		return err
	}
	order.letGo()
	if err := f.o.Updates.SetCursor(ctx, f.o.Sink, last.Seq); err != nil {
		return fmt.Errorf("cannot move the cursor: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Seq = last.Seq
	return nil
}

// store writes points, however long the store is away. It fails only when ctx
// ends or a refused point cannot be set aside.
func (f *Follower) store(ctx context.Context, points []sourced) error {
	if len(points) == 0 {
		return nil
	}
	plain := make([]Point, len(points))
	for i, p := range points {
		plain[i] = p.Point
	}
	for wait := f.o.FirstWait; ; wait = min(2*wait, f.o.LongestWait) {
		err := f.o.Store.Write(ctx, plain)
		var refused *RefusedError
		switch {
		case err == nil:
			f.stored(ctx, len(plain), 0)
			return nil
		case errors.As(err, &refused):
			if err := f.setAside(ctx, refused, points); err != nil {
				return err
			}
			f.stored(ctx, len(plain)-len(refused.Points), len(refused.Points))
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
		f.failed(ctx, err)
		if err := reconnect.Pause(ctx, spread(wait)); err != nil {
			return err
		}
	}
}

func (f *Follower) setAside(ctx context.Context, refused *RefusedError, points []sourced) error {
	seqs := make(map[string]uint64, len(points))
	for _, p := range points {
		seqs[p.Identity()] = p.seq
	}
	for i, p := range refused.Points {
		r := Refused{Seq: seqs[p.Identity()], Reason: refused.Reasons[i], Point: p}
		f.o.Log.LogAttrs(ctx, slog.LevelWarn, "store refused a point", slog.String("sink", f.o.Sink),
			slog.Uint64("update", r.Seq), slog.String("measurement", p.Measurement), slog.String("reason", r.Reason))
		if err := f.o.SetAside(ctx, r); err != nil {
			return fmt.Errorf("cannot set aside a refused point of update %d: %w", r.Seq, err)
		}
	}
	return nil
}

func (f *Follower) stored(ctx context.Context, points, refused int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.o.Now().UTC()
	if !f.state.AwaySince.IsZero() {
		f.o.Log.LogAttrs(ctx, slog.LevelInfo, "store takes points again", slog.String("sink", f.o.Sink),
			slog.Duration("away", now.Sub(f.state.AwaySince)))
	}
	f.state.Points += uint64(points)
	f.state.Refused += uint64(refused)
	f.state.WroteAt, f.state.AwaySince, f.state.Reason = now, time.Time{}, ""
}

func (f *Follower) failed(ctx context.Context, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	level := slog.LevelDebug // said once; the state tells the rest
	if f.state.AwaySince.IsZero() {
		f.state.AwaySince, level = f.o.Now().UTC(), slog.LevelWarn
	}
	f.state.Failures++
	f.state.Reason = err.Error()
	f.o.Log.LogAttrs(ctx, level, "points wait for the store", slog.String("sink", f.o.Sink), slog.Any("reason", err))
}

// spread is about that long, so that several gateways do not come back at the same
// moment.
func spread(wait time.Duration) time.Duration {
	return wait/2 + rand.N(wait/2+1) // #nosec G404 -- jitter
}
