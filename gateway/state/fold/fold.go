package fold

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/gateway/state/updatelog"
)

// Journal is what the fold reads.
type Journal interface {
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	Follow(ctx context.Context, after uint64, take func([]journal.Entry) error) error
	Last(ctx context.Context) (uint64, error)
}

// Fold is the tracker with its journal and its log. Its methods are safe for
// concurrent use.
type Fold struct {
	journal Journal
	updates *updatelog.Log
	log     *slog.Logger

	mu sync.RWMutex
	state
	settings     incident.Settings
	settingsHash func() (string, error) // of the settings alone, computed once
	published    uint64                 // the entry up to which waiters were woken
	moved        chan struct{}          // closed and replaced when published grows
	// previous is the tracker that was before: it serves reads after a reset, until
	// the new one has caught up with entry catchUpTo. It is nil otherwise.
	previous   *tracker.Tracker
	catchUpTo  uint64
	begun      bool // catchUpTo is known
	checkpoint checkpointFile
	resetHash  string // the settings hash for which the log has to be emptied, if any
}

// state is what follows from the journal up to an entry.
type state struct {
	folded  uint64
	tracker *tracker.Tracker
	sent    deliveries
	// newestAct is the newest time of an act.
	newestAct time.Time
}

func newState(s incident.Settings) state {
	return state{tracker: tracker.New(s), sent: deliveries{}}
}

// New returns a fold that has read nothing yet.
func New(j Journal, u *updatelog.Log, s incident.Settings, log *slog.Logger) *Fold {
	return &Fold{journal: j, updates: u, log: log, settings: s, settingsHash: hashOnce(s), state: newState(s), moved: make(chan struct{})}
}

// hashOnce is [SettingsHash], computed at the first call: a roster may be long.
func hashOnce(s incident.Settings) func() (string, error) {
	return sync.OnceValues(func() (string, error) { return SettingsHash(s) })
}

// SettingsHash identifies settings: other settings give other updates from the same
// journal.
func SettingsHash(s incident.Settings) (string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("cannot name the settings: %w", err)
	}
	return journal.Digest(string(b))[:12], nil
}

// Prepare makes the log ready for these settings: updates of other settings are
// forgotten and will be made again.
func Prepare(ctx context.Context, u *updatelog.Log, s incident.Settings) error {
	want, err := SettingsHash(s)
	if err != nil {
		return err
	}
	if _, is := excludedEntries(u.SettingsHash(), want); is {
		return nil
	}
	return u.Reset(ctx, want)
}

// Run folds the journal from its beginning, or from the checkpoint, and then what
// comes, until ctx ends. The log keeps what it has: folding again gives the same
// numbers. Errors: [ErrBeginAgain].
func (f *Fold) Run(ctx context.Context) error {
	last, err := f.journal.Last(ctx)
	if err != nil {
		return fmt.Errorf("fold cannot begin: %w", err)
	}
	f.startFromCheckpoint(ctx)
	f.mu.Lock()
	from := f.folded
	f.catchUpTo, f.begun = last, true
	f.mu.Unlock()
	f.publish()
	began, behind := time.Now(), last > from
	// One batch is decoded while the tracker has the one before.
	decoded := make(chan batch)
	group, life := errgroup.WithContext(ctx)
	group.Go(func() error {
		return f.journal.Follow(life, from, func(entries []journal.Entry) error {
			select {
			case decoded <- f.decode(entries):
				return nil
			case <-life.Done():
				return life.Err()
			}
		})
	})
	group.Go(func() error {
		for {
			select {
			case b := <-decoded:
				if err := f.takeBatch(life, b); err != nil {
					return err
				}
				if behind && b.last >= last {
					behind = false
					f.log.Info("journal folded", "entries", last-from, "took", time.Since(began).Round(time.Millisecond))
					// Before the waiters are woken: a gateway that is killed again and again
					// folds the journal once.
					f.checkpointNow(checkpointEvery)
				}
				f.publish()
			case <-life.Done():
				return life.Err()
			}
		}
	})
	if f.checkpoint.path != "" {
		group.Go(func() error { return f.checkpointPeriodically(life) })
	}
	err = group.Wait()
	if ctx.Err() != nil {
		f.checkpointNow(checkpointAtEndFrom)
		return nil
	}
	return fmt.Errorf("fold stopped: %w", err)
}

// batch are decoded entries.
type batch struct {
	events      []incident.Event
	first, last uint64            // the numbers of the first and the last entry
	damaged     []uint64          // those of damaged ones
	erased      map[string]uint64 // incidents whose caller one of them erases, with its number
}

func (f *Fold) decode(entries []journal.Entry) batch { return decode(entries, f.log) }

func decode(entries []journal.Entry, log *slog.Logger) batch {
	b := batch{events: make([]incident.Event, 0, len(entries)), first: entries[0].Seq, last: entries[len(entries)-1].Seq, damaged: damagedAmong(entries)}
	for _, e := range entries {
		ev, is, err := incident.EventOf(e)
		switch {
		case err != nil:
			// The entry stays in the journal; a newer version may read it.
			log.Error("entry cannot be folded", "seq", e.Seq, "reason", err)
		case is:
			b.events = append(b.events, ev)
			if ev.Act != nil && ev.Act.Kind == incident.ActErase {
				if b.erased == nil {
					b.erased = map[string]uint64{}
				}
				b.erased[ev.Act.Incident] = e.Seq
			}
		}
	}
	return b
}

func (f *Fold) takeBatch(ctx context.Context, b batch) error {
	if err := f.checkDamaged(&b); err != nil {
		return err
	}
	updates := f.apply(b.events)
	if err := f.appendUpdates(ctx, updates); err != nil {
		return err
	}
	if len(b.erased) > 0 && (b.last > f.catchUpTo || f.checkpoint.resumedFrom > 0) {
		f.checkpoint.noteErased(b.erased) // the state in memory may still name them
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.folded = b.last
	return nil
}

// publish wakes those who wait for what is folded.
func (f *Fold) publish() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.published = f.folded
	f.caughtUp()
	close(f.moved)
	f.moved = make(chan struct{})
}

// BeginAgain makes the fold begin again. Until the new tracker has caught up, the old one
// serves reads. Call it while [Fold.Run] does not run, after it ended with [ErrBeginAgain].
func (f *Fold) BeginAgain(ctx context.Context) error {
	if err := f.resetLog(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.previous == nil {
		f.previous = f.tracker
	}
	f.state, f.published, f.catchUpTo = newState(f.settings), 0, math.MaxUint64
	f.checkpoint.mu.Lock()
	defer f.checkpoint.mu.Unlock()
	f.checkpoint.resumedFrom, f.checkpoint.savedUpTo = 0, 0
	return nil
}

// caughtUp lets the new tracker serve reads once it knows what the old one knew.
func (f *Fold) caughtUp() {
	if f.folded >= f.catchUpTo {
		f.previous = nil
	}
}

// answering is the tracker that serves reads.
func (f *Fold) answering() *tracker.Tracker {
	if f.previous != nil {
		return f.previous
	}
	return f.tracker
}

// appendRetry is the pause after the log would not take updates.
const appendRetry = 500 * time.Millisecond

// appendUpdates puts updates into the log, however long that takes: a full disk stops the
// sinks, not the gateway.
func (f *Fold) appendUpdates(ctx context.Context, updates []incident.Update) error {
	for {
		err := f.updates.Append(ctx, updates)
		if err == nil || ctx.Err() != nil {
			return err
		}
		f.log.Error("updates wait for the disk", "updates", len(updates), "reason", err)
		t := time.NewTimer(appendRetry)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
}

func (f *Fold) apply(events []incident.Event) []incident.Update {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.apply(events, f.log)
}

func (s *state) apply(events []incident.Event, log *slog.Logger) []incident.Update {
	updates := make([]incident.Update, 0, len(events)) // a fix, of which most are, gives one
	for _, ev := range events {
		isNew := ev.Report != nil && !s.tracker.IsUnknown(ev.Report.Device)
		updates = append(updates, s.tracker.Apply(ev)...)
		if ev.Act != nil && ev.Act.At.After(s.newestAct) {
			s.newestAct = ev.Act.At
		}
		if r := ev.Report; isNew && s.tracker.IsUnknown(r.Device) {
			log.Warn("unknown device", "device", r.Device, "link", r.Link, "report", r.ID)
		}
	}
	s.sent.note(updates)
	return updates
}

// Wait returns once the entry with this number has been folded and its updates
// are in the log.
func (f *Fold) Wait(ctx context.Context, seq uint64) error {
	for {
		f.mu.RLock()
		published, moved := f.published, f.moved
		f.mu.RUnlock()
		if published >= seq {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("cannot wait for entry %d: %w", seq, ctx.Err())
		}
	}
}

// Ready returns once everything that was in the journal at the call is folded.
func (f *Fold) Ready(ctx context.Context) error {
	last, err := f.journal.Last(ctx)
	if err != nil {
		return err
	}
	return f.Wait(ctx, last)
}

// Find returns incidents as [tracker.Tracker.Find] does.
func (f *Fold) Find(want func(incident.Call) bool, most int) []incident.Incident {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().Find(want, most)
}

// Open returns the incidents that have not ended, the newest call first.
func (f *Fold) Open() []incident.Incident {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().Open()
}

// OpenAlarms returns the alarms at which a dispatcher has still to look.
func (f *Fold) OpenAlarms() []journal.Alarm {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().OpenAlarms()
}

// Incident returns one incident.
func (f *Fold) Incident(id string) (incident.Incident, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().Incident(id)
}

// Acts lists the ids of an incident's acts in the journal.
func (f *Fold) Acts(id string) []string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().Acts(id)
}

// NewestAct is the time of the newest act on an incident, about a unit, or, with both
// empty, of all; zero when there is none.
func (f *Fold) NewestAct(incidentID, unit string) time.Time {
	f.mu.RLock()
	defer f.mu.RUnlock()
	switch {
	case incidentID != "":
		return f.answering().NewestAct(incidentID)
	case unit != "":
		return f.answering().NewestActOf(unit)
	}
	return f.newestAct
}

// Course returns the times that an incident's clocks need.
func (f *Fold) Course(id string) (sop.Course, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().Course(id)
}

// Units returns every unit's state.
func (f *Fold) Units() []incident.UnitState {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().Units()
}

// UnitByID returns one unit's state.
func (f *Fold) UnitByID(id string) (incident.UnitState, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().UnitByID(id)
}

// Alerts returns every alert with who has acknowledged it.
func (f *Fold) Alerts() []incident.Alert {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().Alerts()
}

// OpenAlerts returns the alerts that a dispatcher has still to look at.
func (f *Fold) OpenAlerts() []incident.Alert {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().OpenAlerts()
}

// UnknownDevices returns the devices that belong to no unit.
func (f *Fold) UnknownDevices() []incident.UnknownDevice {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().UnknownDevices()
}
