package tracker_test

import (
	"testing"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// TestVaguePlaceProvesNoArrival: where only the village is known, a crew that stands
// in its middle has not arrived, a key there is not contradicted, and once a person
// says where it is, the same fixes are judged by that.
func TestVaguePlaceProvesNoArrival(t *testing.T) {
	t.Parallel()
	const radio, phone = "fleetsync:102-1001", "nexedge:00103"
	vague := incident.Location{Lat: scene[1], Lon: scene[0], UncertaintyM: 660, Source: "gazetteer"}
	at := func(l incident.Location) []incident.Event {
		open := opened(0, "i1")
		open.Act.Opening.Location = &l
		events := []incident.Event{open, act(1, incident.ActDispatch, "i1", "damkar-1", "psc-1")}
		for s := 10; s <= 100; s += 10 {
			events = append(events, fix(s, 0, radio, 5))
		}
		return append(events, fix(110, 0, phone, 5000), key(112, phone, devices.StatusOnScene))
	}
	for _, c := range []struct {
		name    string
		change  func(l *incident.Location)
		fenced  bool
		verdict string // of the unit that pressed its key
	}{
		{"the village is known only", func(*incident.Location) {}, false, incident.KeyOnly},
		{"the uncertainty is inside the circle", func(l *incident.Location) { l.UncertaintyM = 80 }, true, incident.Conflict},
		{"somebody asks for so wide a circle", func(l *incident.Location) { l.RadiusM = 700 }, true, incident.Conflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := vague
			c.change(&l)
			tr, _ := fold(at(l)...)
			in, _ := tr.Incident("i1")
			if m := find(in, "damkar-1", incident.OnScene); (m != nil) != c.fenced {
				t.Errorf("arrival by GPS: %+v", m)
			}
			if m := find(in, "psc-1", incident.OnScene); m == nil || m.Verdict != c.verdict {
				t.Errorf("arrival by key: %+v", m)
			}
		})
	}
	confirmed := act(200, incident.ActRelocate, "i1")
	confirmed.Act.Location = &incident.Location{Lat: scene[1], Lon: scene[0]}
	tr, updates := fold(append(at(vague), confirmed)...)
	in, _ := tr.Incident("i1")
	m := find(in, "damkar-1", incident.OnScene)
	if m == nil || m.Evidence != incident.ByGeofence || !m.At.Equal(start.Add(10_000_000_000)) {
		t.Errorf("after the place was confirmed: %+v", m)
	}
	published := false
	for _, u := range updates {
		published = published || u.Unit == "damkar-1" && u.Milestone != nil && u.Milestone.Name == incident.OnScene
	}
	if !published {
		t.Error("the arrival is no update")
	}
}

func find(in incident.Incident, unit string, name incident.MilestoneName) *incident.Milestone {
	for i := range in.Milestones {
		if m := &in.Milestones[i]; m.Unit == unit && m.Name == name {
			return m
		}
	}
	return nil
}
