package alarm

import (
	"slices"
	"testing"

	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

// TestEndKeepsBreach: what ends a unit's part ends no breach that was raised; a warning
// whose clock was cut off within its limit is taken back.
func TestEndKeepsBreach(t *testing.T) {
	t.Parallel()
	plan := sop.DefaultPlan()
	delete(plan.Limits, sop.Monitoring)
	for _, end := range []struct {
		name string
		by   func(c *sop.Course, m float64)
	}{
		{"closed", func(c *sop.Course, m float64) { c.ClosedAt = minute(m) }},
		{"cancelled", func(c *sop.Course, m float64) { c.ClosedAt, c.Cancelled = minute(m), true }},
		{"released", func(c *sop.Course, m float64) { c.Units[0].Ended, c.Units[0].EndedBy = minute(m), sop.CutReleased }},
		{"moved", func(c *sop.Course, m float64) { c.Units[0].Ended, c.Units[0].EndedBy = minute(m), sop.CutMoved }},
	} {
		for _, c := range []struct {
			name   string
			course sop.Course
			at     float64
			want   []string
		}{
			{"never there", onScene(), 50, nil},
			{"silent for 45 minutes", onScene(5), 50, nil},
			{"only warned", onScene(), 9, []string{"warning withdrawn"}},
		} {
			raised := Steps(nil, Standing(plan, "i1", c.course, minute(c.at)), false, minute(c.at))
			over := c.course
			over.Units = slices.Clone(c.course.Units)
			end.by(&over, c.at+0.5)
			var got []string
			now := minute(c.at + 1)
			for _, a := range Steps(raised, Standing(plan, "i1", over, now), !over.ClosedAt.IsZero(), now) {
				if a.Unit != "" && a.Change != "seen" {
					got = append(got, a.Kind+" "+a.Change)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, %s: %v, want %v", end.name, c.name, got, c.want)
			}
			if c.want != nil {
				continue
			}
			kept := false
			for _, a := range Standing(plan, "i1", over, minute(500)) {
				kept = kept || a.Unit == "u1" && a.Kind == journal.AlarmBreach && a.State == journal.AlarmRaised
			}
			if !kept {
				t.Errorf("%s, %s: the breach does not stand", end.name, c.name)
			}
		}
	}
}
