package alarm

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

// desk is a journal and a fold with one incident.
type desk struct {
	in    incident.Incident
	steps []journal.Alarm
}

func (d *desk) Append(_ context.Context, records ...journal.Record) ([]journal.Result, error) {
	for _, r := range records {
		var a journal.Alarm
		if err := json.Unmarshal(r.Body, &a); err != nil {
			return nil, err
		}
		d.steps = append(d.steps, a)
	}
	return make([]journal.Result, len(records)), nil
}
func (d *desk) Find(func(incident.Call) bool, int) []incident.Incident { return nil }
func (d *desk) Incident(string) (incident.Incident, bool)              { return d.in, true }
func (d *desk) Course(string) (sop.Course, bool)                       { return onScene(), d.in.MergedInto == "" }
func (d *desk) Ready(context.Context) error                            { return nil }
func (d *desk) Wait(context.Context, uint64) error                     { return nil }

// TestDuplicateHasNoAlarms: what was raised about an incident is taken back when it turns out
// to be a duplicate; its unit's clocks run where it survives.
func TestDuplicateHasNoAlarms(t *testing.T) {
	t.Parallel()
	plan := sop.Plan{Limits: map[sop.ClockName]time.Duration{sop.OnSceneUpdate: 10 * time.Minute}}
	d := &desk{in: incident.Incident{ID: "i2"}}
	e := New(d, d, nil, Options{Plan: plan, Units: func() []incident.Unit { return nil }, Now: func() time.Time { return minute(12) }, Speed: 1, Log: slog.New(slog.DiscardHandler)})
	if err := e.judge(t.Context(), "i2"); err != nil || len(d.steps) != 1 || d.steps[0].Change != journal.AlarmRaised {
		t.Fatalf("%+v, %v", d.steps, err)
	}
	d.in.Alarms, d.in.MergedInto, d.steps = d.steps, "i1", nil
	if err := e.judge(t.Context(), "i2"); err != nil || len(d.steps) != 1 || d.steps[0].Change != journal.AlarmWithdrawn || len(e.due) != 0 {
		t.Fatalf("%+v, %v, due %v", d.steps, err, e.due)
	}
}
