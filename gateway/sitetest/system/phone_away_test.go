package system

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/sitetest"
)

// trip is a phone's way to the scene and back, a fix every ten seconds: 20 minutes of
// driving at 10 m/s, almost four hours at the scene, and the way back.
const (
	tripFixes   = 2000
	tripArrives = 120
	tripLeaves  = 1500
	tripStep    = 10 * time.Second
)

// tripFix is one fix of it as OwnTracks keeps it while it is offline.
func tripFix(began time.Time, i int) (payload string, at time.Time) {
	at = began.Add(time.Duration(i) * tripStep)
	away, moving := 0, `,"vel":36`
	switch {
	case i < tripArrives:
		away = tripArrives - i
	case i > tripLeaves:
		away = i - tripLeaves
	default:
		moving = ""
	}
	const hundredMetres = 100 / 111_195.0 // degrees of latitude
	return fmt.Sprintf(`{"_type":"location","_id":"q%04d","conn":"o","lat":%.6f,"lon":108.2274,"acc":8,"batt":40,"tst":%d,"created_at":%d%s}`,
		i, -6.8364-float64(away)*hundredMetres, at.Unix(), at.Unix()+1, moving), at
}

// TestPhoneAwayForSixHours: a phone comes back and delivers 2,000 fixes at once, in
// their order or the newest first. All are kept under their own times; the marker never
// moves back; the arrival is put right by the fixes, with what was believed before; the
// dispatcher is alarmed a few times and no hundred; a key pressed meanwhile is not held up.
func TestPhoneAwayForSixHours(t *testing.T) {
	t.Parallel()
	for name, nth := range map[string]func(int) int{
		"in order":     func(i int) int { return i },
		"newest first": func(i int) int { return tripFixes - 1 - i },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			phoneComesBack(t, nth)
		})
	}
}

// phoneComesBack delivers the trip's fixes; nth says which one comes as number i.
func phoneComesBack(t *testing.T, nth func(i int) int) {
	t.Helper()
	s := sitetest.New(t, "andi")
	began := time.Now().Add(-6 * time.Hour).Truncate(time.Second).UTC()
	pressed := began.Add(40 * time.Minute)
	const id = "i1"
	s.AppendJournal(
		sitetest.NewRecord(t, journal.KindAct, "a1", began, incident.Act{ID: "a1", Kind: incident.ActOpen, Incident: id, By: "local", At: began, Opening: &incident.Opening{
			Number: "20261124-001", Category: "fire", Location: &incident.Location{Lat: -6.8364, Lon: 108.2274}, ReceivedAt: began,
		}}),
		sitetest.NewRecord(t, journal.KindAct, "a2", began, incident.Act{ID: "a2", Kind: incident.ActDispatch, Incident: id, By: "local", At: began, Units: []string{"andi"}}),
		sitetest.NewRecord(t, journal.KindReport, "r1", pressed, devices.Report{
			ID: "r1", Link: "mqtt", Protocol: devices.FieldJSON, Kind: devices.KindStatus, Device: "field:andi",
			ReceivedAt: pressed, DeviceTime: pressed, Status: devices.StatusOnScene, Sequence: "1",
		}),
	)
	s.Start()
	arrival := func() arrivalView {
		t.Helper()
		var in struct{ Milestones []arrivalView }
		s.Get("/incidents/"+id, &in)
		for _, m := range in.Milestones {
			if m.Milestone == "on_scene" {
				return m
			}
		}
		t.Fatalf("no arrival: %+v", in)
		return arrivalView{}
	}
	if m := arrival(); m.Evidence != "key" || !m.At.Equal(pressed) {
		t.Fatalf("before the fixes: %+v", m)
	}
	events := s.Events("")
	phone := s.MQTTClient("andi")
	live := func() {
		t.Helper()
		body := `{"_type":"location","lat":-6.8400,"lon":108.2300,"acc":8,"tst":` + unixNow() + `}`
		if code, answer := postPub(s, "andi", "phone", body); code != 200 {
			t.Fatalf("%d %s", code, answer)
		}
	}

	start := time.Now()
	tokens := make([]paho.Token, tripFixes)
	for i := range tripFixes {
		payload, _ := tripFix(began, nth(i))
		tokens[i] = phone.Publish("owntracks/andi/phone", 1, false, payload)
		if i == tripFixes/2 { // it moves on while it delivers, and a team presses a key
			live()
			s.Press("12")
		}
	}
	for i, tok := range tokens {
		if !tok.WaitTimeout(time.Minute) || tok.Error() != nil {
			t.Fatalf("fix %d is not acknowledged: %v\n%s", i, tok.Error(), s.Log)
		}
	}
	t.Logf("%d fixes acknowledged in %v", tripFixes, time.Since(start).Round(time.Millisecond))

	kinds := map[string]int{}
	var marker time.Time
	var corrected *sitetest.Update
	for fixes := 0; fixes < tripFixes+1 || kinds["status"] == 0; {
		e := s.Await(events, "fixes and the key", func(sitetest.Update) bool { return true })
		kinds[e.Kind]++
		switch {
		case e.Kind == "fix":
			fixes++
			if e.Newest && e.At.Before(marker) {
				t.Fatalf("the marker moved from %v back to %v", marker, e.At)
			}
			if e.Newest {
				marker = e.At
			}
		case e.Kind == "corrected" && corrected == nil:
			corrected = &e.Update
		}
	}
	if marker.Before(start.Truncate(time.Second)) {
		t.Errorf("the marker stands at %v, the phone was heard at %v", marker, start)
	}
	if corrected == nil || corrected.Milestone == nil || corrected.Milestone.Evidence != "geofence" || corrected.Before == nil || corrected.Before.Evidence != "key" {
		t.Errorf("the correction is published as %+v", corrected)
	}
	if alarmed := kinds["alert"] + kinds["alarm"]; alarmed > 10 {
		t.Errorf("the dispatcher is alarmed %d times: %v", alarmed, kinds)
	}
	// The first fix at the scene still shows a hundred metres since the one before.
	proven := began.Add((tripArrives + 1) * tripStep)
	m := arrival()
	if m.Evidence != "geofence" || !m.At.Equal(proven) {
		t.Errorf("the arrival is %+v, the fixes prove %v", m, proven)
	}
	if len(m.Was) == 0 || m.Was[0].Evidence != "key" || !m.Was[0].At.Equal(pressed) {
		t.Errorf("what was believed before: %+v", m.Was)
	}
	awaitTrack(s, "andi", began, tripFixes+1)
	s.Stop()
}

// arrivalView is a milestone with what it was before.
type arrivalView struct {
	Milestone, Evidence string
	At                  time.Time
	Was                 []struct {
		Evidence string
		At       time.Time
	}
}

// awaitTrack asks for a unit's track until it has that many points; each of the
// trip's own times must be there, in order.
func awaitTrack(s *sitetest.Site, unit string, began time.Time, points int) {
	s.T.Helper()
	query := url.Values{"from": {began.Add(-time.Minute).Format(time.RFC3339)}, "to": {time.Now().Add(time.Minute).UTC().Format(time.RFC3339)}}
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		var track struct{ Properties struct{ Times []time.Time } }
		s.Get("/units/"+unit+"/track?"+query.Encode(), &track)
		times := track.Properties.Times
		if len(times) == points {
			for i := range tripFixes {
				if _, at := tripFix(began, i); !times[i].Equal(at) {
					s.T.Fatalf("point %d of the track is of %v, not %v", i, times[i], at)
				}
			}
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.T.Fatalf("the track has %d points, not %d", len(times), points)
		}
	}
}
