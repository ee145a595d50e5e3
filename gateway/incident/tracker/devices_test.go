package tracker_test

import (
	"fmt"
	"testing"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/geo"
)

// The devices of damkar-1: the engine's radio, a phone, a mesh node.
const (
	radio = devices.Identity("fleetsync:102-1001")
	phone = devices.Identity("owntracks:damkar-1/phone")
	mesh  = devices.Identity("meshtastic:a1b2c3d4")
)

// fixAt is a fix so many metres north of the scene at a speed in m/s, below zero for none.
func fixAt(s int, device devices.Identity, north, speed float64) incident.Event {
	f := &geo.Fix{Point: orb.Point{scene[0], scene[1] + north/111195}, Time: at(s), AccuracyM: geo.Measured(5)}
	if speed >= 0 {
		f.SpeedMPS = geo.Measured(speed)
	}
	return incident.Event{Report: &devices.Report{
		ID: fmt.Sprintf("fix-%s-%d", device, s), Device: device, Kind: devices.KindPosition,
		DeviceTime: at(s), ReceivedAt: at(s), Protocol: devices.OwnTracks, Link: "mqtt", Fix: f,
	}}
}

// sent is an incident with damkar-1 sent to it after 30 s.
func sent() []incident.Event {
	return []incident.Event{opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1")}
}

func arrivalOf(tr *tracker.Tracker, id, unit string) *incident.Milestone {
	in, _ := tr.Incident(id)
	for _, m := range in.Milestones {
		if m.Name == incident.OnScene && m.Unit == unit {
			return &m
		}
	}
	return nil
}

// TestEachDeviceHasItsOwnTrack: what one device of a unit does takes nothing from what the
// others prove. Each course is the engine's radio as it goes with another device beside it; the
// arrival is that of the radio alone, unless another device is there before.
func TestEachDeviceHasItsOwnTrack(t *testing.T) {
	t.Parallel()
	drives := func(s int) incident.Event { // from 5 km away, there after 476 s
		if north := 5000 - float64(s-60)*12; north > 10 {
			return fixAt(s, radio, north, 12)
		}
		return fixAt(s, radio, 10, 0)
	}
	for _, c := range []struct {
		name          string
		radio, beside func(s int) incident.Event
		arrived       int // seconds
		by            devices.Identity
	}{
		{"a phone is left in the watch room", drives, func(s int) incident.Event { return fixAt(s, phone, 5000, 0) }, 480, radio},
		{"a phone is left there and tells no speed", drives, func(s int) incident.Event { return fixAt(s, phone, 5000, -1) }, 480, radio},
		{"a node of the unit is elsewhere on the road", drives, func(s int) incident.Event { return fixAt(s, mesh, -9000+float64(s)*4, 15) }, 480, radio},
		{"the crew is at the scene, the engine 300 m before it", func(s int) incident.Event { return fixAt(s, radio, 300, 0) },
			func(s int) incident.Event { return fixAt(s, phone, 5, 0.5) }, 65, phone},
		{"two stand 40 m apart and tell no speed", func(s int) incident.Event { return fixAt(s, radio, 20, -1) },
			func(s int) incident.Event { return fixAt(s, phone, -20, -1) }, 60, radio},
		{"the crew walks on with the phone", drives, func(s int) incident.Event {
			if s < 520 {
				return fixAt(s, phone, 5000-float64(s-60)*12, 12)
			}
			return fixAt(s, phone, 10+float64(s-520), 1)
		}, 480, radio},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events := sent()
			for s := 60; s < 1500; s += 10 {
				events = append(events, c.radio(s), c.beside(s+5))
			}
			tr, _ := fold(events...)
			m := arrivalOf(tr, "i1", "damkar-1")
			if m == nil {
				t.Fatal("the arrival is lost")
			}
			if !m.At.Equal(at(c.arrived)) || m.Device != c.by || m.Verdict != incident.GPSOnly {
				t.Fatalf("arrived at %v by %s (%s), not at %v by %s", m.At.Sub(start), m.Device, m.Verdict, at(c.arrived).Sub(start), c.by)
			}
		})
	}
}

// TestTheUnitArrivesWithItsFirstDevice, whichever was heard first, and of two in one second with
// the one whose report is named first.
func TestTheUnitArrivesWithItsFirstDevice(t *testing.T) {
	t.Parallel()
	events := sent()
	for s := 300; s < 400; s += 10 {
		events = append(events, fixAt(s, radio, 10, 0), fixAt(s, mesh, 10, 0), fixAt(s+1, phone, 10, 0))
	}
	events = numbered(events)
	for _, order := range [][]incident.Event{events, reversed(events)} {
		tr, _ := fold(order...)
		if m := arrivalOf(tr, "i1", "damkar-1"); m == nil || !m.At.Equal(at(300)) || m.Device != radio {
			t.Errorf("%+v", m)
		}
	}
}

func reversed(events []incident.Event) []incident.Event {
	var out []incident.Event
	for i := range events {
		out = append(out, events[len(events)-1-i])
	}
	return out
}

// TestWhereAKeyWasPressedIsAskedOfItsDevice: a phone at the base is no evidence against a key on
// the radio, and one at the scene none for a key on a radio that is elsewhere.
func TestWhereAKeyWasPressedIsAskedOfItsDevice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		radio, phone float64 // metres from the scene, below zero: no fix
		verdict      string
		alerts       int
	}{
		{"radio at the scene, phone at the base", 10, 5000, incident.Confirmed, 0},
		{"radio without GPS, phone at the base", -1, 5000, incident.KeyOnly, 0},
		{"radio without GPS, phone at the scene", -1, 10, incident.Confirmed, 0},
		{"radio far away, phone at the base", 4000, 5000, incident.Conflict, 1},
		{"radio far away, phone at the scene", 4000, 10, incident.Conflict, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events := sent()
			for s := 300; s < 430; s += 10 {
				if c.phone >= 0 {
					events = append(events, fixAt(s+4, phone, c.phone, 0))
				}
				if c.radio >= 0 {
					events = append(events, fixAt(s, radio, c.radio, 0))
				}
			}
			tr, _ := fold(append(events, key(425, radio, devices.StatusOnScene))...)
			in, _ := tr.Incident("i1")
			if m := arrivalOf(tr, "i1", "damkar-1"); m == nil || m.Verdict != c.verdict || len(in.Alerts) != c.alerts {
				t.Errorf("arrival %+v, alerts %+v", m, in.Alerts)
			}
		})
	}
}

// TestParkedIsOfADevice: who stood at the scene for five minutes without a key is one device;
// that another one has been there before starts no time for it.
func TestParkedIsOfADevice(t *testing.T) {
	t.Parallel()
	events := sent()
	for s := 200; s < 240; s += 10 { // the phone passes
		events = append(events, fixAt(s, phone, 10, 0))
	}
	events = append(events, fixAt(300, phone, 1000, 12))
	for s := 400; s < 1000; s += 10 {
		events = append(events, fixAt(s, phone, 1000, 0), fixAt(s+1, radio, 10, 0))
	}
	parked := func(events ...incident.Event) []incident.Alert {
		tr, _ := fold(numbered(events)...)
		in, _ := tr.Incident("i1")
		return in.Alerts
	}
	if a := parked(events...); len(a) != 1 || a[0].Kind != "parked_no_key" || !a[0].At.Equal(at(701)) {
		t.Errorf("without a key: %+v", a)
	}
	if a := parked(numbered(append(events, key(500, radio, devices.StatusOnScene)))...); len(a) != 0 {
		t.Errorf("with one 100 s after the engine came: %+v", a)
	}
}

// TestImpossibleJumpsAreCounted of each device by itself, and not those that a later fix
// confirmed.
func TestImpossibleJumpsAreCounted(t *testing.T) {
	t.Parallel()
	events := sent()
	for s := 100; s < 200; s += 10 {
		events = append(events, fixAt(s, radio, 100, 0), fixAt(s+1, phone, 5000, 0))
	}
	aside := func(events ...incident.Event) int {
		tr, _ := fold(events...)
		u, _ := tr.UnitByID("damkar-1")
		return u.SetAside[geo.Impossible]
	}
	if n := aside(events...); n != 0 {
		t.Errorf("%d of two that stand 5 km apart", n)
	}
	events = append(events, fixAt(200, radio, 9000, 0), fixAt(201, phone, 90000, 0))
	if n := aside(events...); n != 2 {
		t.Errorf("%d, not one of each", n)
	}
	events = append(events, fixAt(210, radio, 100, 0), fixAt(211, phone, 90000, 0))
	events = numbered(events)
	for _, order := range [][]incident.Event{events, reversed(events)} {
		if n := aside(order...); n != 1 {
			t.Errorf("%d, but the second one of the phone confirms its jump", n)
		}
	}
}

// TestLateFixesOfAnAssignmentThatEnded: what waited in a phone out of coverage proves the
// arrival also when it comes hours after the incident's end, whether or not some fixes came in
// time, and whatever other devices said.
func TestLateFixesOfAnAssignmentThatEnded(t *testing.T) {
	t.Parallel()
	for name, live := range map[string][]incident.Event{
		"none came in time":                nil,
		"one came in time":                 {fixAt(3000, phone, 3000, 10)},
		"another device was on the road":   {fixAt(200, radio, 3000, 10), fixAt(210, radio, 2900, 10), fixAt(3500, radio, 3000, 10)},
		"one proved a later arrival first": {fixAt(2000, phone, 5, 0), fixAt(2020, phone, 5, 0), fixAt(2060, phone, 5, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const delivered = 4000 + 8*3600
			tr, seq := tracker.New(settings()), uint64(0)
			apply := func(events ...incident.Event) {
				for _, e := range events {
					seq++
					e.Seq = seq
					foldInto(tr, e)
				}
			}
			apply(sent()...)
			apply(live...)
			apply(act(3600, incident.ActClose, "i1"))
			for s := 4000; s < delivered; s += 20 { // a quiet shift
				apply(fixAt(s, phone, 9000, 0))
			}
			for s := 600; s < 1800; s += 20 {
				e := fixAt(s, phone, 5, 0)
				e.Report.ReceivedAt = at(delivered)
				apply(e)
			}
			if m := arrivalOf(tr, "i1", "damkar-1"); m == nil || !m.At.Equal(at(600)) {
				t.Fatalf("%+v", m)
			}
			for s := delivered; s < delivered+14*3600; s += 20 { // until these are forgotten, too
				apply(fixAt(s, phone, 9000, 0))
			}
			// One that was known before others makes them be applied again.
			e := fixAt(delivered+13*3600+7, radio, 9000, 0)
			e.Seq = seq - 300
			foldInto(tr, e)
			if m := arrivalOf(tr, "i1", "damkar-1"); m == nil || !m.At.Equal(at(600)) {
				t.Fatalf("later: %+v", m)
			}
		})
	}
}
