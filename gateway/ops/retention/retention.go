package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/telemetry"
)

// Settings say how long things are kept; zero is for ever.
type Settings struct {
	// Fixes, Statuses and Links are the points of units' places, their keys, and how
	// links stood.
	Fixes, Statuses, Links time.Duration
	// ThinAfter is when of each series of fixes only the first in each ThinTo stays.
	ThinAfter, ThinTo time.Duration
	// Callers is how long after its end an incident says who called.
	Callers time.Duration
	// JournalFixes is how long the journal and the updates say where a unit was that no
	// incident needs.
	JournalFixes time.Duration
}

// Series is what is thinned.
type Series interface {
	// Forget removes a measurement's points before a time and tells how many, -1 when
	// the store does not say.
	Forget(ctx context.Context, measurement string, before time.Time) (int64, error)
	// Thin removes all but the first point of each series in each stretch of time.
	Thin(ctx context.Context, measurement string, before time.Time, every time.Duration) (int64, error)
}

// Parts of a [Job].
type Parts struct {
	Settings Settings
	Series   Series
	// Ready returns once everything that was journaled before the start is known.
	Ready func(context.Context) error
	// Find lists incidents.
	Find func(want func(incident.Call) bool, most int) []incident.Incident
	// Erase erases the callers of incidents by acts.
	Erase func(ctx context.Context, ids []string, reason string) error
	// Finish does what erasures that were interrupted left to do, and nothing when
	// they left nothing.
	Finish func(ctx context.Context) error
	// ForgetPlaces forgets in journal and updates the places of fixes from before a time
	// that no incident needs, and tells how many.
	ForgetPlaces func(ctx context.Context, before time.Time) (int, error)
	Now          func() time.Time
	Log          *slog.Logger
}

// Job does it.
type Job struct{ p Parts }

// New prepares a job.
func New(p Parts) *Job { return &Job{p} }

// Daily is how often it is done.
const Daily = 24 * time.Hour

// Run waits until everything is known, finishes erasures that were interrupted, and then
// does the job at once and every day until ctx ends. What fails is logged and tried again
// the next day.
func (j *Job) Run(ctx context.Context) error {
	if err := j.p.Ready(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if err := j.p.Finish(ctx); err != nil && ctx.Err() == nil {
		j.p.Log.Error("an interrupted erasure could not be finished", "reason", err)
	}
	again := time.NewTicker(Daily)
	defer again.Stop()
	for {
		if err := j.Once(ctx); err != nil && ctx.Err() == nil {
			j.p.Log.Error("not everything could be forgotten that is past its time", "reason", err)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Once forgets what is past its time now.
func (j *Job) Once(ctx context.Context) error {
	return errors.Join(j.points(ctx), j.callers(ctx), j.places(ctx))
}

func (j *Job) places(ctx context.Context) error {
	keep := j.p.Settings.JournalFixes
	if keep == 0 {
		return nil
	}
	began := time.Now()
	n, err := j.p.ForgetPlaces(ctx, j.p.Now().Add(-keep))
	if n > 0 || err == nil {
		j.p.Log.Info("places forgotten in the journal", "older_than", keep, "fixes", n, "took", time.Since(began).Round(time.Millisecond))
	}
	return err
}

func (j *Job) points(ctx context.Context) error {
	s, now := j.p.Settings, j.p.Now()
	var failed error
	for _, part := range []struct {
		measurement string
		keep        time.Duration
	}{{telemetry.UnitFix, s.Fixes}, {telemetry.UnitStatus, s.Statuses}, {telemetry.LinkHealth, s.Links}} {
		if part.keep == 0 {
			continue
		}
		n, err := j.p.Series.Forget(ctx, part.measurement, now.Add(-part.keep))
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("cannot forget old points of %s: %w", part.measurement, err))
			continue
		}
		j.p.Log.Info("old points forgotten", "measurement", part.measurement, "older_than", part.keep, "points", n)
	}
	if s.ThinAfter > 0 {
		n, err := j.p.Series.Thin(ctx, telemetry.UnitFix, now.Add(-s.ThinAfter), s.ThinTo)
		if err != nil {
			return errors.Join(failed, fmt.Errorf("cannot thin old fixes: %w", err))
		}
		j.p.Log.Info("old fixes thinned", "older_than", s.ThinAfter, "one_each", s.ThinTo, "points", n)
	}
	return failed
}

func (j *Job) callers(ctx context.Context) error {
	keep := j.p.Settings.Callers
	if keep == 0 {
		return nil
	}
	past := pastTheirTime(j.p.Find, j.p.Now().Add(-keep))
	if len(past) == 0 {
		return nil
	}
	if err := j.p.Erase(ctx, past, fmt.Sprintf("batas simpan / retention: %s", keep)); err != nil {
		return err
	}
	j.p.Log.Info("callers forgotten", "closed_longer_ago_than", keep, "incidents", len(past))
	return nil
}

// pastTheirTime lists the incidents with a caller that ended before a time. A duplicate
// ended when the incident did that it was merged into.
func pastTheirTime(find func(func(incident.Call) bool, int) []incident.Incident, limit time.Time) (out []string) {
	calls := map[string]incident.Call{}
	find(func(c incident.Call) bool {
		calls[c.ID] = c
		return false
	}, 0)
	for id, c := range calls {
		if !c.HasCaller {
			continue
		}
		for range len(calls) { // no ring goes on for ever
			into, known := calls[c.MergedInto]
			if !known {
				break
			}
			c = into
		}
		if !c.ClosedAt.IsZero() && c.ClosedAt.Before(limit) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
