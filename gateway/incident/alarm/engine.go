package alarm

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

// Journal keeps the steps of alarms.
type Journal interface {
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
}

// State is the fold of the journal. Ready returns once all that the journal held
// is folded, Wait once one entry is.
type State interface {
	Find(want func(incident.Call) bool, most int) []incident.Incident
	Incident(id string) (incident.Incident, bool)
	Course(id string) (sop.Course, bool)
	Ready(ctx context.Context) error
	Wait(ctx context.Context, seq uint64) error
}

// Updates tells which incidents something happened to.
type Updates interface {
	Follow(ctx context.Context, after uint64, take func([]incident.Update) error) error
	Last() uint64
}

// Options of an engine.
type Options struct {
	Plan sop.Plan
	// Units are those on the roster now.
	Units func() []incident.Unit
	// Now is the gateway's clock; Speed its factor against real time.
	Now   func() time.Time
	Speed float64
	// Radio says which kind of alarm asks the unit over its radio, "" for none;
	// RadioText is what it is asked, with "{call_sign}" for its call sign.
	Radio, RadioText string
	// Send queues a text for a unit's radio; a text with the same key is sent once.
	Send func(ctx context.Context, unit, key, text string) error
	Log  *slog.Logger
}

// Engine watches the clocks of every open incident.
type Engine struct {
	journal Journal
	state   State
	updates Updates
	o       Options

	mu      sync.Mutex
	touched map[string]bool
	poke    chan struct{}

	// due is when each incident must be judged again; only Run's goroutine uses it.
	due map[string]time.Time
}

// New returns an engine that has not begun.
func New(j Journal, s State, u Updates, o Options) *Engine {
	return &Engine{
		journal: j, state: s, updates: u, o: o,
		touched: map[string]bool{}, poke: make(chan struct{}, 1), due: map[string]time.Time{},
	}
}

// callSign is what a unit is called on the air.
func (e *Engine) callSign(id string) string {
	for _, u := range e.o.Units() {
		if u.ID == id {
			return u.CallSign
		}
	}
	return ""
}

// endedLately is how long ago an incident may have ended to be judged at the start.
const endedLately = 7 * 24 * time.Hour

// Run judges until ctx ends, from when the history is folded.
func (e *Engine) Run(ctx context.Context) error {
	if e.state.Ready(ctx) != nil {
		return nil // ended first
	}
	after := e.updates.Last()
	// Of one that ended just before a stop the last steps may be missing.
	lately := e.o.Now().Add(-endedLately)
	e.state.Find(func(c incident.Call) bool {
		if !c.Ended || c.ClosedAt.After(lately) || c.ReceivedAt.After(lately) {
			e.touched[c.ID] = true
		}
		return false
	}, 0)
	failed := make(chan error, 1)
	go func() {
		failed <- e.updates.Follow(ctx, after, func(us []incident.Update) error {
			e.touch(us)
			return nil
		})
	}()
	for {
		if err := e.judgeAll(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("alarms stopped: %w", err)
		}
		t := time.NewTimer(e.wait())
		select {
		case <-t.C:
		case <-e.poke:
		case err := <-failed:
			t.Stop()
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("alarms stopped: %w", err)
		case <-ctx.Done():
			t.Stop()
			return nil
		}
		t.Stop()
	}
}

// touch notes incidents whose clocks may have changed.
func (e *Engine) touch(us []incident.Update) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range us {
		switch us[i].Kind {
		case incident.UpdateFix, incident.UpdateAlarm, incident.UpdateMessage, incident.UpdateDelivery, incident.UpdateInterval:
			continue
		}
		if us[i].Incident != "" {
			e.touched[us[i].Incident] = true
		}
	}
	select {
	case e.poke <- struct{}{}:
	default:
	}
}

// longest is the longest wait in real time, so that a corrected system clock is
// noticed.
const longest = time.Second

// wait is how long, in real time, nothing can fall due.
func (e *Engine) wait() time.Duration {
	wait, now := longest, e.o.Now()
	for _, at := range e.due {
		wait = min(wait, time.Duration(float64(at.Sub(now))/e.o.Speed))
	}
	return max(wait, time.Millisecond)
}

// judgeAll judges what was touched or fell due.
func (e *Engine) judgeAll(ctx context.Context) error {
	e.mu.Lock()
	judged := e.touched
	e.touched = map[string]bool{}
	e.mu.Unlock()
	now := e.o.Now()
	for id, at := range e.due {
		if now.After(at) {
			judged[id] = true
		}
	}
	for id := range judged {
		if err := e.judge(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// judge brings the record of one incident's alarms up to now.
func (e *Engine) judge(ctx context.Context, id string) error {
	delete(e.due, id)
	in, known := e.state.Incident(id)
	course, has := e.state.Course(id)
	if !known || !has && in.MergedInto == "" {
		return nil // its acts came before its opening
	}
	now := e.o.Now().UTC()
	var standing []journal.Alarm // none of a duplicate: its clocks run where it survives
	if has {
		standing = Standing(e.o.Plan, id, course, now)
		if next := Next(e.o.Plan, course, now); !next.IsZero() {
			e.due[id] = next
		}
	}
	var records []journal.Record
	steps := Steps(in.Alarms, standing, !course.ClosedAt.IsZero(), now)
	for i := range steps {
		a := &steps[i]
		a.Late = "Dispatcher"
		if a.Unit != "" {
			a.Late = e.callSign(a.Unit)
		}
		a.Text, a.TextEN = describe(*a)
		rec, err := journal.NewRecord(journal.KindAlarm, a.ID+"-"+strconv.Itoa(a.Step), now, a)
		if err != nil {
			return err
		}
		records = append(records, rec)
	}
	if len(records) == 0 {
		return nil
	}
	results, err := e.append(ctx, records)
	if err != nil {
		return err
	}
	if err := e.state.Wait(ctx, results[len(results)-1].Seq); err != nil {
		return err
	}
	for i, a := range steps {
		if !results[i].Duplicate {
			e.tell(ctx, a)
		}
	}
	return nil
}

// appendAgain is the pause after the journal would not take alarms.
const appendAgain = time.Second

// append journals steps, however long that takes: a full disk delays alarms and
// does not end them.
func (e *Engine) append(ctx context.Context, records []journal.Record) ([]journal.Result, error) {
	for {
		results, err := e.journal.Append(ctx, records...)
		if err == nil || ctx.Err() != nil {
			return results, err
		}
		e.o.Log.Error("alarms wait for the disk", "steps", len(records), "reason", err)
		if err := reconnect.Pause(ctx, appendAgain); err != nil {
			return nil, err
		}
	}
}

// tell logs a step, and asks the late unit over its radio where that is wanted: at
// most once for each run of a clock.
func (e *Engine) tell(ctx context.Context, a journal.Alarm) {
	e.o.Log.Info("alarm", "kind", a.Kind, "change", a.Change, "incident", a.Incident, "clock", a.Clock, "late", a.Late, "due", a.DueAt)
	if a.Change != journal.AlarmRaised || a.State != journal.AlarmRaised || a.Kind != e.o.Radio || a.Unit == "" {
		return
	}
	run := sop.Run{Name: sop.ClockName(a.Clock), Unit: a.Unit, Sent: a.Sent, Occurrence: a.Occurrence}
	if err := e.o.Send(ctx, a.Unit, ID(a.Incident, run, "radio"), spoken(e.o.RadioText, e.callSign(a.Unit))); err != nil {
		e.o.Log.Warn("unit not asked over its radio", "unit", a.Unit, "incident", a.Incident, "reason", err)
	}
}
