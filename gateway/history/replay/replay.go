package replay

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// Journal is what a replay reads.
type Journal interface {
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	Last(ctx context.Context) (uint64, error)
}

// Bounds of a replay.
const (
	// LeadIn is how much before the period is folded at least, so that units have a
	// place and a status when it begins.
	LeadIn = time.Hour
	// MostLeadIn is how much before it is folded at most: an incident that was opened
	// earlier is not in the replay.
	MostLeadIn = 24 * time.Hour
	// early is how much before an incident's call the fold begins.
	early = 10 * time.Minute
)

// Ask says what is to be replayed.
type Ask struct {
	// From and To bound the period, UTC, by the time at which the journal took entries.
	From, To time.Time
	Settings incident.Settings
	// Known are the incidents that concern the period, as they are known today (see
	// [Concerns]): the fold begins early enough for them.
	Known []incident.Incident
	// Step is the least time between two fixes that are yielded of one unit; 0 yields all.
	Step time.Duration
	// Heard, when not nil, is called with the report behind every fix that was known by
	// the end of the period.
	Heard func(report string)
}

// Moment is what changed at an instant, as it stood right after it.
type Moment struct {
	// At is when the journal took what changed it, UTC; never before the
	// moment that was yielded before it.
	At        time.Time
	Units     []incident.UnitState
	Incidents []Incident
	Fixes     []Fix
}

// Incident is an incident as it was known, with its clocks as they stood.
type Incident struct {
	incident.Incident
	Clocks []sop.Clock
}

// Fix is a place of a unit that was judged. Late ones, which the unit's newest place
// was not changed by, have Newest false.
type Fix struct {
	Unit string
	// Time is the fix's own, KnownAt when the gateway had it, UTC.
	Time, KnownAt time.Time
	Fix           geo.Fix
	Newest        bool
}

// Concerns tells whether an incident, as it is known today, was open in a period. Of
// one that ended without being closed (cancelled, merged) the end is not known here:
// it counts for a day.
func Concerns(c incident.Call, from, to time.Time) bool {
	if !c.ReceivedAt.Before(to) {
		return false
	}
	switch {
	case !c.ClosedAt.IsZero():
		return c.ClosedAt.After(from)
	case c.Ended:
		return c.ReceivedAt.After(from.Add(-MostLeadIn))
	}
	return true
}

// begin is where the fold begins.
func (a Ask) begin() time.Time {
	begin := a.From.Add(-LeadIn)
	for _, in := range a.Known {
		if at := in.ReceivedAt.Add(-early); at.Before(begin) {
			begin = at
		}
	}
	if least := a.From.Add(-MostLeadIn); begin.Before(least) {
		return least
	}
	return begin
}

// Run tells the state at the beginning of the period, with every unit and every
// incident that is known by then, and after it each change up to its end. It stops at
// the first error of tell or of the journal.
func Run(ctx context.Context, j Journal, a Ask, tell func(Moment) error) error {
	after, err := before(ctx, j, a.begin())
	if err != nil {
		return err
	}
	f := &folding{ask: a, tracker: tracker.New(a.Settings), yielded: map[string]time.Time{}}
	for e, err := range journal.All(ctx, j, after) {
		switch {
		case err != nil:
			return fmt.Errorf("cannot replay: %w", err)
		case e.JournaledAt.After(a.To):
			return f.start(tell)
		case !e.JournaledAt.Before(a.From):
			if err := f.start(tell); err != nil {
				return err
			}
		}
		if err := f.take(e, tell); err != nil {
			return err
		}
	}
	return f.start(tell)
}

// before is the number of the last entry that the journal took before a moment.
func before(ctx context.Context, j Journal, at time.Time) (uint64, error) {
	last, err := j.Last(ctx)
	if err != nil {
		return 0, fmt.Errorf("cannot find a moment in the journal: %w", err)
	}
	n := sort.Search(int(last), func(i int) bool {
		if err != nil {
			return true
		}
		var entries []journal.Entry
		if entries, err = j.Read(ctx, uint64(i), 1); err != nil || len(entries) == 0 {
			return true
		}
		return !entries[0].JournaledAt.Before(at)
	})
	if err != nil {
		return 0, fmt.Errorf("cannot find a moment in the journal: %w", err)
	}
	return uint64(n), nil
}

// folding is a replay under way.
type folding struct {
	ask     Ask
	tracker *tracker.Tracker
	started bool
	at      time.Time
	yielded map[string]time.Time // of each unit's last fix
}

// start tells the state at the beginning, once.
func (f *folding) start(tell func(Moment) error) error {
	if f.started {
		return nil
	}
	f.started, f.at = true, f.ask.From
	m := Moment{At: f.at, Units: f.tracker.Units()}
	for _, in := range f.tracker.Incidents() {
		m.Incidents = append(m.Incidents, f.view(in))
	}
	return tell(m)
}

func (f *folding) view(in incident.Incident) Incident {
	v := Incident{Incident: in, Clocks: []sop.Clock{}}
	if course, known := f.tracker.Course(in.ID); known {
		v.Clocks = append(v.Clocks, f.ask.Settings.Plan.Clocks(course, f.at)...)
	}
	return v
}

// take folds an entry and tells what it changed, once the period has begun.
func (f *folding) take(e journal.Entry, tell func(Moment) error) error {
	ev, is, err := incident.EventOf(e)
	if err != nil || !is || ev.Enrolment != nil {
		return nil //nolint:nilerr // the fold leaves out what it cannot read, and so did the gateway; the roster is the present one
	}
	updates := f.tracker.Apply(ev)
	if e.JournaledAt.After(f.at) {
		f.at = e.JournaledAt
	}
	m := Moment{At: f.at}
	var incidents, units []string
	for _, u := range updates {
		if u.Kind == incident.UpdateFix {
			m.Fixes = append(m.Fixes, f.fix(u)...)
			continue
		}
		if u.Incident != "" && !slices.Contains(incidents, u.Incident) {
			incidents = append(incidents, u.Incident)
		}
		if u.Unit != "" && !slices.Contains(units, u.Unit) {
			units = append(units, u.Unit)
		}
	}
	if !f.started {
		return nil
	}
	for _, id := range incidents {
		if in, known := f.tracker.Incident(id); known {
			m.Incidents = append(m.Incidents, f.view(in))
			for _, unit := range in.Units { // an act on an incident may free them
				if !slices.Contains(units, unit) {
					units = append(units, unit)
				}
			}
		}
	}
	for _, id := range units {
		if u, known := f.tracker.UnitByID(id); known {
			m.Units = append(m.Units, u)
		}
	}
	if len(m.Units)+len(m.Incidents)+len(m.Fixes) == 0 {
		return nil
	}
	return tell(m)
}

// fix is what is yielded of a fix: nothing when it follows too soon on another.
func (f *folding) fix(u incident.Update) []Fix {
	if f.ask.Heard != nil {
		f.ask.Heard(u.Report)
	}
	if !f.started || u.Fix == nil || u.SetAside != "" {
		return nil
	}
	if last, is := f.yielded[u.Unit]; is && u.Newest && u.At.Sub(last) < f.ask.Step {
		return nil
	}
	if u.Newest {
		f.yielded[u.Unit] = u.At
	}
	return []Fix{{Unit: u.Unit, Time: u.At, KnownAt: u.KnownAt, Fix: *u.Fix, Newest: u.Newest}}
}
