package telemetry_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/analysis"
	"htgateway/telemetry/influx"
	"htgateway/telemetry/influx/influxtest"
)

// script makes events of a county with two engines; minutes count from noon.
type script []incident.Event

func minute(m float64) time.Time { return noon.Add(time.Duration(m * float64(time.Minute))) }

func (s *script) act(m float64, kind incident.ActKind, id string, change func(*incident.Act)) {
	a := incident.Act{ID: fmt.Sprint(kind, "-", id, "-", m), Kind: kind, Incident: id, By: "siti", At: minute(m)}
	if change != nil {
		change(&a)
	}
	*s = append(*s, incident.Event{Seq: uint64(len(*s) + 1), Act: &a})
}

func (s *script) open(m float64, id string) {
	s.act(m, incident.ActOpen, id, func(a *incident.Act) {
		a.Opening = &incident.Opening{Number: id, Category: "fire", ReceivedAt: minute(m), Location: &incident.Location{Lat: -6.8364, Lon: 108.2279}}
	})
}

func (s *script) send(m float64, id, unit string) {
	s.act(m, incident.ActDispatch, id, func(a *incident.Act) { a.Units = []string{unit} })
}

func (s *script) merge(m float64, id, into string) {
	s.act(m, incident.ActMerge, id, func(a *incident.Act) { a.Into = into })
}

func (s *script) press(m float64, device devices.Identity, status devices.Status) {
	*s = append(*s, incident.Event{Seq: uint64(len(*s) + 1), Report: &devices.Report{
		ID: fmt.Sprint(device, status, m), Device: device, Kind: devices.KindStatus, Status: status, ReceivedAt: minute(m), Protocol: devices.Kenwood, Link: "roof",
	}})
}

func (s script) updates(plan sop.Plan) []incident.Update {
	tr := tracker.New(incident.Settings{Plan: plan, Arrival: geo.DefaultArrivalRule(), Roster: []incident.Unit{
		{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: "Damkar", Devices: []devices.Identity{"fleetsync:102-1001"}},
		{ID: "damkar-2", CallSign: "DAMKAR 2", Agency: "Damkar", Devices: []devices.Identity{"fleetsync:102-1002"}},
	}})
	var out []incident.Update
	for _, e := range s {
		out = append(out, tr.Apply(e)...)
	}
	return out
}

// figuresOf are all rows with values as of a month later, "interval n within/judged longest,
// left out …", after the numbers of incidents.
func figuresOf(t *testing.T, source telemetry.Source, plan sop.Plan) string {
	t.Helper()
	survey, err := analysis.ReadSurvey(t.Context(), source, analysis.Scope{}, analysis.Options{Plan: plan, Now: minute(30 * 24 * 60)}, true)
	if err != nil {
		t.Fatal(err)
	}
	f := survey.Figures[0]
	var out []string
	for _, row := range f.Rows {
		if row.Count == 0 {
			continue
		}
		text := fmt.Sprintf("%s %d", row.Interval, row.Count)
		if row.Judged > 0 {
			text += fmt.Sprintf(" %d/%d", row.Within, row.Judged)
		}
		out = append(out, fmt.Sprintf("%s %g", text, *row.MaxS/60))
	}
	slices.Sort(out)
	return fmt.Sprintf("%d incidents, %d open, %d duplicates, %d cancelled: %s", f.Incidents, f.Open, f.Duplicates, f.Cancelled, strings.Join(out, ", "))
}

// TestUncountedIncidents: what was merged or cancelled is in no figure but its own count, and
// counts again when it is reopened.
func TestUncountedIncidents(t *testing.T) {
	t.Parallel()
	one := func(s *script) { // an incident with all that belongs to it
		s.open(2, "i1")
		s.send(3, "i1", "damkar-1")
		s.press(8, "fleetsync:102-1001", devices.StatusOnScene)
		s.press(14, "fleetsync:102-1001", devices.StatusCompleted)
		s.act(15, incident.ActClose, "i1", nil)
	}
	for _, c := range []struct {
		name  string
		add   func(s *script)
		after func(s *script)
		want  string
	}{
		{"one", nil, nil, "1 incidents, 0 open, 0 duplicates, 0 cancelled: call_processing 1 1, closing 1 1/1 1, monitoring 1 0/1 12, on_scene 1 6, on_scene_update 1 1/1 5, progress_update 1 1/1 6, response 1 6, total 1 13, whole_flow 1 1/1 13"},
		{"and its duplicate, called before", func(s *script) { s.open(0, "i2"); s.merge(4, "i2", "i1") }, nil,
			"1 incidents, 0 open, 1 duplicates, 0 cancelled: call_processing 1 3, closing 1 1/1 1, monitoring 1 0/1 12, on_scene 1 6, on_scene_update 1 1/1 5, progress_update 1 1/1 6, response 1 8, total 1 15, whole_flow 1 1/1 15"},
		{"merged after the closing", func(s *script) { s.open(2.5, "i2") }, func(s *script) { s.merge(40, "i2", "i1") },
			"1 incidents, 0 open, 1 duplicates, 0 cancelled: call_processing 1 1, closing 1 1/1 1, monitoring 1 0/1 12, on_scene 1 6, on_scene_update 1 1/1 5, progress_update 1 1/1 6, response 1 6, total 1 13, whole_flow 1 1/1 13"},
		{"a duplicate of a duplicate, with its unit", func(s *script) {
			s.open(1, "i2")
			s.open(1.5, "i3")
			s.send(2, "i3", "damkar-2")
			s.merge(3.5, "i3", "i2")
			s.merge(4, "i2", "i1")
		}, nil,
			"1 incidents, 0 open, 2 duplicates, 0 cancelled: call_processing 1 1, monitoring 2 1/2 12, on_scene 1 6, on_scene_update 2 1/2 13, progress_update 1 1/1 6, response 1 7, total 1 14, whole_flow 1 1/1 14"},
		{"a false alarm", func(s *script) { s.open(0, "i2"); s.send(1, "i2", "damkar-2") }, func(s *script) { s.act(30, incident.ActCancel, "i2", nil) },
			"1 incidents, 0 open, 0 duplicates, 1 cancelled: call_processing 1 1, closing 1 1/1 1, monitoring 1 0/1 12, on_scene 1 6, on_scene_update 1 1/1 5, progress_update 1 1/1 6, response 1 6, total 1 13, whole_flow 1 1/1 13"},
		{"a merger undone", func(s *script) { s.open(0, "i2"); s.merge(4, "i2", "i1") }, func(s *script) { s.act(30, incident.ActReopen, "i2", nil) },
			"2 incidents, 1 open, 0 duplicates, 0 cancelled: call_processing 1 1, closing 1 1/1 1, monitoring 1 0/1 12, on_scene 1 6, on_scene_update 1 1/1 5, progress_update 1 1/1 6, response 1 6, total 1 13, whole_flow 2 1/2 43200"},
		{"a false alarm that was none", func(s *script) { s.open(0, "i2"); s.act(4, incident.ActCancel, "i2", nil) }, func(s *script) { s.act(30, incident.ActReopen, "i2", nil); s.act(50, incident.ActClose, "i2", nil) },
			"2 incidents, 0 open, 0 duplicates, 0 cancelled: call_processing 1 1, closing 1 1/1 1, monitoring 1 0/1 12, on_scene 1 6, on_scene_update 1 1/1 5, progress_update 1 1/1 6, response 1 6, total 2 50, whole_flow 2 2/2 50"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s script
			if c.add != nil {
				c.add(&s)
			}
			one(&s)
			if c.after != nil {
				c.after(&s)
			}
			slices.SortStableFunc(s, func(a, b incident.Event) int { return eventAt(a).Compare(eventAt(b)) })
			r := newRig(t)
			if err := r.log.Append(t.Context(), numbered(s).updates(sop.DefaultPlan())); err != nil {
				t.Fatal(err)
			}
			r.run(t, r.store)
			for name, source := range map[string]telemetry.Source{"figures": r.store, "of the points alone": pointsOnly{r.store}} {
				if got := figuresOf(t, source, sop.DefaultPlan()); got != c.want {
					t.Errorf("%s\ngot  %s\nwant %s", name, got, c.want)
				}
			}
		})
	}
}

// pointsOnly is a store without cases, as InfluxDB is.
type pointsOnly struct{ telemetry.Source }

func eventAt(e incident.Event) time.Time {
	if e.Act != nil {
		return e.Act.At
	}
	return e.Report.ReceivedAt
}

func numbered(s script) script {
	for i := range s {
		s[i].Seq = uint64(i + 1)
	}
	return s
}

// TestUncountedOnInflux: the same figures from InfluxDB, whose points keep the fields that a
// later value does not write.
func TestUncountedOnInflux(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	store, err := influx.New(influx.Settings{URL: server.URL, Org: "htgateway", Bucket: server.Bucket(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	var s script
	s.open(0, "i2")
	s.open(2, "i1")
	s.send(3, "i1", "damkar-1")
	s.merge(4, "i2", "i1")
	s.open(5, "i3")
	s.send(6, "i3", "damkar-2")
	s.press(8, "fleetsync:102-1001", devices.StatusOnScene)
	s.act(15, incident.ActClose, "i1", nil)
	s.act(20, incident.ActCancel, "i3", nil)
	r := newRig(t)
	if err := r.log.Append(t.Context(), numbered(s).updates(sop.DefaultPlan())); err != nil {
		t.Fatal(err)
	}
	r.run(t, store)
	want := "1 incidents, 0 open, 1 duplicates, 1 cancelled: call_processing 1 3, monitoring 1 0/1 12, on_scene_update 1 1/1 5, response 1 8, total 1 15, whole_flow 1 1/1 15"
	if got := figuresOf(t, store, sop.DefaultPlan()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
