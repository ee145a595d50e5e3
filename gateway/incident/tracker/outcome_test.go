package tracker_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/geo"
)

// clockTime is a time as the book writes it, with the date only where it is another.
func clockTime(t time.Time) string {
	if s := t.Format("2006-01-02T15:04:05.999"); !strings.HasPrefix(s, day) {
		return s
	}
	return t.Format("15:04:05.999")
}

func seconds(s float64) string {
	return (time.Duration(s * float64(time.Second))).Round(time.Millisecond).String()
}

// tellState writes what may not depend on the order in which events came.
func tellState(tr *tracker.Tracker) string {
	var b strings.Builder
	incidents := tr.Incidents()
	slices.Reverse(incidents)
	for i := range incidents {
		tellIncident(&b, tr, &incidents[i])
	}
	b.WriteString("alerts\n")
	for _, a := range tr.Alerts() {
		fmt.Fprintf(&b, "  %s %s %s", clockTime(a.At), a.Kind, a.Unit)
		if a.Incident != "" {
			fmt.Fprintf(&b, " on %s", a.Incident)
		}
		fmt.Fprintf(&b, ": %s [%s]", a.Text, a.Report)
		if a.Count > 1 {
			fmt.Fprintf(&b, ", %d times, last at %s", a.Count, clockTime(a.LastAt))
		}
		if a.AckedBy != "" {
			fmt.Fprintf(&b, ", seen by %s at %s", a.AckedBy, clockTime(a.AckedAt))
		}
		b.WriteString("\n")
	}
	b.WriteString("units\n")
	for _, u := range tr.Units() {
		if u.HeardAt.IsZero() && u.Incident == "" {
			continue
		}
		tellUnit(&b, &u)
	}
	for _, s := range tr.UnknownDevices() {
		fmt.Fprintf(&b, "  %s is nobody's device\n", s.Device)
	}
	return b.String()
}

func tellIncident(b *strings.Builder, tr *tracker.Tracker, in *incident.Incident) {
	fmt.Fprintf(b, "incident %s %s: %s", in.ID, in.Category, in.Status)
	if in.MergedInto != "" {
		fmt.Fprintf(b, " into %s", in.MergedInto)
	}
	if len(in.Duplicates) > 0 {
		fmt.Fprintf(b, ", has absorbed %s", strings.Join(in.Duplicates, ", "))
	}
	b.WriteString("\n")
	for _, p := range in.Places[min(1, len(in.Places)):] {
		fmt.Fprintf(b, "  moved at %s by %s: %s\n", clockTime(p.At), p.By, p.Reason)
	}
	for i := range in.Milestones {
		tellMilestone(b, "", &in.Milestones[i])
	}
	for i := range in.Withdrawn {
		m := &in.Withdrawn[i]
		tellMilestone(b, "withdrawn at "+clockTime(m.WithdrawnAt)+": ", m)
	}
	c, ok := tr.Course(in.ID)
	if !ok {
		return
	}
	b.WriteString("  intervals\n")
	for _, iv := range scenarioSettings().Plan.Intervals(c) {
		tellInterval(b, iv)
	}
}

func tellMilestone(b *strings.Builder, before string, m *incident.Milestone) {
	fmt.Fprintf(b, "  %s%s %s", before, clockTime(m.At), m.Name)
	if m.Unit != "" {
		fmt.Fprintf(b, " %s", m.Unit)
	}
	fmt.Fprintf(b, " by %s [%s] %.0f %%, known %s, %s clock", m.Evidence, m.Report, m.Confidence*100, clockTime(m.KnownAt), m.Clock)
	if off, known := m.ClockOffsetS.Value(); known {
		fmt.Fprintf(b, " %s behind", seconds(off))
	}
	if m.Verdict != "" {
		fmt.Fprintf(b, ", %s", m.Verdict)
	}
	if m.Other != nil {
		fmt.Fprintf(b, ", then %s at %s [%s], %s later", m.Other.Evidence, clockTime(m.Other.At), m.Other.Report, seconds(m.DifferenceS.Or(0)))
	}
	b.WriteString("\n")
	for _, w := range m.Was {
		fmt.Fprintf(b, "    was %s by %s [%s], known %s: %s", clockTime(w.At), w.Evidence, w.Report, clockTime(w.KnownAt), w.Reason)
		if w.By != "" {
			fmt.Fprintf(b, " (%s)", w.By)
		}
		b.WriteString("\n")
	}
}

func tellInterval(b *strings.Builder, iv sop.Interval) {
	fmt.Fprintf(b, "    %s", iv.Name)
	if iv.Unit != "" {
		fmt.Fprintf(b, " %s", iv.Unit)
	}
	fmt.Fprintf(b, " %s (%s to %s)", seconds(iv.Seconds()), clockTime(iv.From), clockTime(iv.To))
	switch {
	case iv.Contradictory:
		b.WriteString(", contradictory")
	case iv.LimitS > 0 && iv.Within:
		fmt.Fprintf(b, ", within %s", seconds(iv.LimitS))
	case iv.LimitS > 0:
		fmt.Fprintf(b, ", over %s", seconds(iv.LimitS))
	}
	if iv.Ended != "" {
		fmt.Fprintf(b, ", %s without a report", iv.Ended)
	}
	if iv.Clocks != sop.OneClock {
		fmt.Fprintf(b, ", clocks %s", iv.Clocks)
		if gap, known := iv.ClockGapS.Value(); known {
			fmt.Fprintf(b, " by %s", seconds(gap))
		}
	}
	b.WriteString("\n")
}

func tellUnit(b *strings.Builder, u *incident.UnitState) {
	fmt.Fprintf(b, "  %s:", u.ID)
	if u.Incident != "" {
		fmt.Fprintf(b, " on %s", u.Incident)
	} else {
		b.WriteString(" free")
	}
	if u.Status != "" {
		fmt.Fprintf(b, ", says %s at %s", u.Status, clockTime(u.StatusAt))
	}
	if u.Emergency {
		b.WriteString(", EMERGENCY")
	}
	if u.Fix != nil {
		d := geo.Distance(scene, u.Fix.Point)
		fmt.Fprintf(b, ", seen %.0f m from the scene at %s", d, clockTime(u.FixAt))
	}
	for _, c := range u.Clocks {
		if off, known := c.OffsetS.Value(); known {
			fmt.Fprintf(b, ", clock of %s %s behind", c.Device, seconds(off))
		}
	}
	b.WriteString("\n")
	for _, why := range slices.Sorted(maps.Keys(u.SetAside)) {
		fmt.Fprintf(b, "    %d fixes set aside: %s\n", u.SetAside[why], why)
	}
}

// tellCorrections writes every update that replaced a milestone, confirmed or
// contradicted an arrival, or took an alert back.
func tellCorrections(updates []incident.Update) string {
	var b strings.Builder
	b.WriteString("corrections, in the order of the updates\n")
	one := func(m *incident.Milestone) string {
		if m == nil {
			return "nothing"
		}
		return strings.TrimSpace(fmt.Sprintf("%s by %s %s", clockTime(m.At), m.Evidence, m.Verdict))
	}
	for _, u := range updates {
		switch {
		case u.Kind == incident.UpdateCorrected, u.Kind == incident.UpdateWitness:
			m := u.Milestone
			if m == nil {
				m = u.Before
			}
			fmt.Fprintf(&b, "  %s %s: %s %s %s: %s -> %s\n", clockTime(u.KnownAt), u.Kind, u.Incident, u.Unit, m.Name, one(u.Before), one(u.Milestone))
		case u.Alert != nil && u.Alert.Withdrawn:
			fmt.Fprintf(&b, "  %s alert taken back: %s %s\n", clockTime(u.KnownAt), u.Alert.Kind, u.Unit)
		}
	}
	return b.String()
}

// tellClocks writes how the procedure's clocks stand at a moment, the worst first.
func tellClocks(b *strings.Builder, tr *tracker.Tracker, now time.Time) {
	fmt.Fprintf(b, "clocks at %s\n", clockTime(now))
	incidents := tr.Incidents()
	slices.Reverse(incidents)
	for i := range incidents {
		c, ok := tr.Course(incidents[i].ID)
		if !ok {
			continue
		}
		for _, k := range worstFirst(scenarioSettings().Plan.Clocks(c, now)) {
			fmt.Fprintf(b, "  %s %s", incidents[i].ID, k.Name)
			if k.Unit != "" {
				fmt.Fprintf(b, " %s", k.Unit)
			}
			fmt.Fprintf(b, ": %s, %s left", k.State, seconds(k.RemainingS))
			if k.Ended != "" {
				fmt.Fprintf(b, ", %s without a report", k.Ended)
			}
			b.WriteString("\n")
		}
	}
}

// worstFirst orders clocks: what is breached or breaches next comes first, stopped
// clocks last.
func worstFirst(clocks []sop.Clock) []sop.Clock {
	out := slices.Clone(clocks)
	slices.SortStableFunc(out, func(a, b sop.Clock) int {
		if a.StoppedAt.IsZero() != b.StoppedAt.IsZero() {
			if a.StoppedAt.IsZero() {
				return -1
			}
			return 1
		}
		return a.DueAt.Compare(b.DueAt)
	})
	return out
}
