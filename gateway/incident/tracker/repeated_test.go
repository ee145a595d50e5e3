package tracker_test

import (
	"testing"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
)

func beacon(s int, device devices.Identity, code string) incident.Event {
	e := fixAt(s, device, 5000, 0)
	e.Report.StatusCode, e.Report.Status = code, devices.StatusOther
	return e
}

// TestAMisprogrammedRadioIsOneAlert: an unmapped code with every position is one open alert of
// its device and code, with how often and when last, until somebody has seen it; the next one is
// an alert again.
func TestAMisprogrammedRadioIsOneAlert(t *testing.T) {
	t.Parallel()
	const n = 3000 // at one each 20 s more than a day's reordering window
	tr, emitted, seq := tracker.New(settings()), 0, uint64(0)
	apply := func(e incident.Event) {
		seq++
		e.Seq = seq
		for _, u := range tr.Apply(e) {
			if u.Alert != nil && u.Kind == incident.UpdateAlert {
				emitted++
			}
		}
	}
	for i := range n {
		apply(beacon(i*20, radio, "42"))
		if i%10 == 0 {
			apply(beacon(i*20+1, radio, "43"))
		}
		if i%100 == 0 {
			apply(beacon(i*20+2, phone, "42"))
		}
	}
	open := tr.OpenAlerts()
	if len(open) != 3 || emitted != 3 {
		t.Fatalf("%d open alerts, %d emitted, not one of each device and code: %+v", len(open), emitted, open)
	}
	for i, want := range []int{n, n / 10, n / 100} {
		if open[i].Count != want || open[i].LastAt.Before(at((n-101)*20)) {
			t.Errorf("%+v: not %d times", open[i], want)
		}
	}
	seen := act(n*20, incident.ActAckAlert, "", "damkar-1")
	seen.Act.Alert = open[0].ID
	apply(seen)
	if left := tr.OpenAlerts(); len(left) != 2 {
		t.Fatalf("%d open after one was seen", len(left))
	}
	apply(beacon(n*20+10, radio, "42"))
	apply(beacon(n*20+20, radio, "42"))
	again := tr.OpenAlerts()
	if len(again) != 3 || again[2].Count != 2 || !again[2].At.Equal(at(n*20+10)) {
		t.Fatalf("said again after it was seen: %+v", again)
	}
}

// TestARepeatedCodeIsShownAgainInTheNextIncident: an alert that went off the list with its
// incident hides no later one.
func TestARepeatedCodeIsShownAgainInTheNextIncident(t *testing.T) {
	t.Parallel()
	events := append(sent(), beacon(60, radio, "42"), beacon(80, radio, "42"), act(100, incident.ActClose, "i1"), beacon(120, radio, "42"), beacon(140, radio, "42"))
	events = numbered(events)
	for _, order := range [][]incident.Event{events, reversed(events)} {
		tr, _ := fold(order...)
		open := tr.OpenAlerts()
		if len(open) != 1 || !open[0].At.Equal(at(120)) || open[0].Count != 2 || !open[0].LastAt.Equal(at(140)) {
			t.Errorf("%+v", open)
		}
		in, _ := tr.Incident("i1")
		if len(in.Alerts) != 1 || in.Alerts[0].Count != 2 {
			t.Errorf("of the incident: %+v", in.Alerts)
		}
	}
}

// TestARepeatedRemarkIsOneAlert, as long as it is the same remark of the same radio.
func TestARepeatedRemarkIsOneAlert(t *testing.T) {
	t.Parallel()
	var events []incident.Event
	for i := range 50 {
		e := key(i*30, radio, "")
		e.Report.StatusCode = []string{"93", "98"}[i%2]
		events = append(events, e)
	}
	tr, _ := fold(numbered(events)...)
	if open := tr.OpenAlerts(); len(open) != 2 || open[0].Count != 25 || open[1].Count != 25 || open[0].Text == open[1].Text {
		t.Errorf("%+v", open)
	}
}
