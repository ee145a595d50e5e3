package tracker_test

import (
	"slices"
	"testing"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// TestKeyPressedFarAwaySetsNothingBesideAProof: an on-scene key that its own device's position
// contradicts gives way to what proves the arrival, whichever device that is and in whichever
// order it is learned; the key stays beside it.
func TestKeyPressedFarAwaySetsNothingBesideAProof(t *testing.T) {
	t.Parallel()
	far := []incident.Event{fixAt(290, radio, 4000, 12), pressedAt(300, radio, devices.StatusOnScene)}
	there := func(s int, d devices.Identity) []incident.Event {
		return []incident.Event{fixAt(s, d, 10, 0), fixAt(s+40, d, 10, 0)}
	}
	for _, c := range []struct {
		name   string
		events []incident.Event
		at     int // seconds
		by     incident.Evidence
		other  int // seconds, of the key beside it, -1 for none
	}{
		{"nothing else", nil, 300, incident.ByKey, -1},
		{"the radio is there later", there(600, radio), 600, incident.ByGeofence, 300},
		{"the phone is there later", there(600, phone), 600, incident.ByGeofence, 300},
		{"the phone was there before", there(200, phone), 200, incident.ByGeofence, 300},
		{"pressed again, nobody knows where", []incident.Event{pressedAt(700, radio, devices.StatusOnScene)}, 700, incident.ByKey, 300},
		{"pressed again on the phone, at the scene", []incident.Event{fixAt(700, phone, 20, 0), pressedAt(701, phone, devices.StatusOnScene)}, 701, incident.ByKey, 300},
		{"pressed again far away", []incident.Event{fixAt(700, radio, 3000, 12), pressedAt(701, radio, devices.StatusOnScene)}, 300, incident.ByKey, -1},
		{"pressed again before it is there", append(there(800, radio), pressedAt(700, phone, devices.StatusOnScene)), 700, incident.ByKey, 300},
		{"pressed again after it is there", append(there(600, radio), pressedAt(700, phone, devices.StatusOnScene)), 600, incident.ByGeofence, 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events := numbered(slices.Concat(sent(), far, c.events))
			backwards := slices.Clone(events)
			slices.Reverse(backwards)
			for _, order := range [][]incident.Event{events, backwards} {
				tr, _ := fold(order...)
				m := arrivalOf(tr, "i1", "damkar-1")
				if m == nil || !m.At.Equal(at(c.at)) || m.Evidence != c.by || m.Verdict != incident.Conflict || m.Confidence != 0.3 {
					t.Fatalf("arrival %+v, expected at %s by %s", m, clockTime(at(c.at)), c.by)
				}
				if (m.Other == nil) != (c.other < 0) || m.Other != nil && (!m.Other.At.Equal(at(c.other)) || m.Other.Evidence != incident.ByKey) {
					t.Errorf("beside it stands %+v", m.Other)
				}
				n := 0
				for _, a := range tr.Alerts() {
					if a.Kind == "key_far_away" && a.At.Equal(at(300)) {
						n++
					}
				}
				if n != 1 {
					t.Errorf("%d alerts of the key", n)
				}
			}
		})
	}
}

// TestKeyPressedFarAwayIsRemembered: when the positions are no longer kept, what they said of a
// key stands.
func TestKeyPressedFarAwayIsRemembered(t *testing.T) {
	t.Parallel()
	events := append(sent(), fixAt(290, radio, 4000, 12), pressedAt(300, radio, devices.StatusOnScene),
		fixAt(600, radio, 10, 0), fixAt(640, radio, 10, 0), act(1500, incident.ActClose, "i1"))
	for s := 1600; s < 9*3600; s += 15 {
		events = append(events, fixAt(s, radio, 6000, 0))
	}
	tr, _ := fold(numbered(events)...)
	late := pressedAt(900, phone, devices.StatusInProgress)
	late.Report.ReceivedAt = at(9 * 3600)
	foldInto(tr, late)
	if m := arrivalOf(tr, "i1", "damkar-1"); m == nil || !m.At.Equal(at(600)) || m.Verdict != incident.Conflict {
		t.Errorf("arrival %+v", m)
	}
}

// pressedAt is a key that was heard at once.
func pressedAt(s int, d devices.Identity, status devices.Status) incident.Event {
	e := key(s, d, status)
	e.Report.DeviceTime, e.Report.ReceivedAt = at(s), at(s)
	return e
}

// TestKeyByAClockInDoubt: a key that comes minutes after what it says, from a device of which
// nothing is known, was kept, or its clock is wrong. It is certain for nobody, and a
// position by a good clock wins where it agrees with one of the two.
func TestKeyByAClockInDoubt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		said, came int
		before     []incident.Event
		at         int
		by         incident.Evidence
		verdict    string
		confidence float64
	}{
		{"alone", 330, 600, nil, 330, incident.ByKey, incident.KeyOnly, 0.5},
		{"alone, within a minute", 545, 600, nil, 545, incident.ByKey, incident.KeyOnly, 0.9},
		{"alone, its clock was right before", 330, 600, []incident.Event{fixAt(100, phone, 5000, 12)}, 330, incident.ByKey, incident.KeyOnly, 0.9},
		{"alone, its clock was off before", 330, 600, heardOff(100, 140, 270, phone, 5000), 330, incident.ByKey, incident.KeyOnly, 0.5},
		{"the fence is where it came", 330, 600, []incident.Event{fixAt(590, radio, 10, 0), fixAt(650, radio, 10, 0)}, 590, incident.ByGeofence, incident.Confirmed, 0.5},
		{"the fence is where it says", 330, 900, []incident.Event{fixAt(340, radio, 10, 0), fixAt(400, radio, 10, 0)}, 340, incident.ByGeofence, incident.Confirmed, 1},
		{"the fence is elsewhere", 330, 1500, []incident.Event{fixAt(900, radio, 10, 0), fixAt(960, radio, 10, 0)}, 330, incident.ByKey, incident.Conflict, 0.3},
		{"the fence is there, its clock was right before", 330, 600, []incident.Event{fixAt(100, phone, 5000, 12), fixAt(590, radio, 10, 0), fixAt(650, radio, 10, 0)},
			330, incident.ByKey, incident.Conflict, 0.3},
		{"the fence is before", 330, 600, []incident.Event{fixAt(300, radio, 10, 0), fixAt(360, radio, 10, 0)}, 300, incident.ByGeofence, incident.Confirmed, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := pressedAt(c.said, phone, devices.StatusOnScene)
			k.Report.ReceivedAt = at(c.came)
			events := slices.Concat(sent(), c.before, []incident.Event{k})
			backwards := slices.Clone(numbered(events))
			slices.Reverse(backwards)
			for _, order := range [][]incident.Event{numbered(events), backwards} {
				tr, _ := fold(order...)
				m := arrivalOf(tr, "i1", "damkar-1")
				if m == nil || !m.At.Equal(at(c.at)) || m.Evidence != c.by || m.Verdict != c.verdict || m.Confidence != c.confidence {
					t.Fatalf("arrival %+v, expected at %s by %s, %s %.1f", m, clockTime(at(c.at)), c.by, c.verdict, c.confidence)
				}
			}
		})
	}
}
