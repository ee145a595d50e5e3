package tracker_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/geo"
)

var (
	start = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	scene = orb.Point{108.2279, -6.8364}
)

func settings() incident.Settings {
	return incident.Settings{
		Roster: []incident.Unit{
			{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: "Damkar", Devices: []devices.Identity{"fleetsync:102-1001", "owntracks:damkar-1/phone", "meshtastic:a1b2c3d4"}},
			{ID: "psc-1", CallSign: "PSC 1", Agency: "PSC 119", Devices: []devices.Identity{"nexedge:00103", "owntracks:psc-1/phone"}},
		},
		Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(),
	}
}

// drawDevice draws a device, and says whose it is.
func drawDevice(rt *rapid.T) (d devices.Identity, unit string) {
	u := rapid.SampledFrom(settings().Roster).Draw(rt, "unit")
	return rapid.SampledFrom(u.Devices).Draw(rt, "device"), u.ID
}

// at is s seconds into the exercise.
func at(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }

func opened(s int, id string) incident.Event {
	return incident.Event{Act: &incident.Act{
		ID: "open-" + id, Kind: incident.ActOpen, Incident: id, By: "siti", At: at(s),
		Opening: &incident.Opening{Number: id, Category: "fire", ReceivedAt: at(s), Location: &incident.Location{Lat: scene[1], Lon: scene[0]}},
	}}
}

func act(s int, kind incident.ActKind, id string, units ...string) incident.Event {
	return incident.Event{Act: &incident.Act{
		ID: fmt.Sprintf("%s-%s-%d", kind, id, s), Kind: kind, Incident: id, By: "siti", At: at(s), Units: units,
	}}
}

func key(s int, device devices.Identity, status devices.Status) incident.Event {
	return incident.Event{Report: &devices.Report{
		ID: fmt.Sprintf("key-%s-%d-%s", device, s, status), Device: device, Kind: devices.KindStatus,
		Status: status, ReceivedAt: at(s), Protocol: devices.Kenwood, Link: "roof",
	}}
}

// fix is taken at s seconds, received late seconds later, at so many metres from
// the scene.
func fix(s, late int, device devices.Identity, metres float64) incident.Event {
	p := orb.Point{scene[0], scene[1] + metres/111195}
	return incident.Event{Report: &devices.Report{
		ID: fmt.Sprintf("fix-%s-%d", device, s), Device: device, Kind: devices.KindPosition,
		DeviceTime: at(s), ReceivedAt: at(s + late), Protocol: devices.Kenwood, Link: "roof",
		Fix: &geo.Fix{Point: p, Time: at(s), SpeedMPS: geo.Measured(0)},
	}}
}

func fold(events ...incident.Event) (*tracker.Tracker, []incident.Update) {
	return foldInto(tracker.New(settings()), events...)
}

// numbered gives events the numbers of a journal, which has them in the order in which they
// became known.
func numbered(events []incident.Event) []incident.Event {
	known := func(e incident.Event) (time.Time, string) {
		if e.Act != nil {
			return e.Act.At, e.Act.ID
		}
		if e.Enrolment != nil {
			return e.Enrolment.At, e.Enrolment.ID
		}
		return e.Report.KnownAt(), e.Report.ID
	}
	order := make([]int, len(events))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		at, id := known(events[i])
		bt, other := known(events[j])
		return cmp.Or(at.Compare(bt), cmp.Compare(id, other))
	})
	out := slices.Clone(events)
	for n, i := range order {
		out[i].Seq = uint64(n + 1)
	}
	return out
}

func foldInto(t *tracker.Tracker, events ...incident.Event) (*tracker.Tracker, []incident.Update) {
	var updates []incident.Update
	for i, e := range events {
		if e.Seq == 0 {
			e.Seq = uint64(i + 1)
		}
		updates = append(updates, t.Apply(e)...)
	}
	return t, updates
}

func milestone(t *testing.T, tr *tracker.Tracker, id, unit string, name incident.MilestoneName) incident.Milestone {
	t.Helper()
	in, ok := tr.Incident(id)
	if !ok {
		t.Fatalf("no incident %q", id)
	}
	for _, m := range in.Milestones {
		if m.Name == name && m.Unit == unit {
			return m
		}
	}
	t.Fatalf("incident %q has no %s of %q: %+v", id, name, unit, in.Milestones)
	return incident.Milestone{}
}

func TestKeySetsArrivalWithItsReport(t *testing.T) {
	t.Parallel()
	tr, _ := fold(opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"),
		key(60, "fleetsync:102-1001", devices.StatusEnRoute), key(400, "fleetsync:102-1001", devices.StatusOnScene))
	m := milestone(t, tr, "i1", "damkar-1", incident.OnScene)
	if !m.At.Equal(at(400)) || m.Evidence != incident.ByKey || m.Report != "key-fleetsync:102-1001-400-on_scene" || m.Verdict != incident.KeyOnly {
		t.Fatalf("arrival %+v", m)
	}
	if in, _ := tr.Incident("i1"); in.Status != "on_scene" {
		t.Fatalf("status %q", in.Status)
	}
}

func TestGeofenceArrivalIsTheFirstSlowFixOfTheStay(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	tr, _ := fold(opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"),
		fix(200, 0, d, 900), fix(240, 0, d, 50), fix(255, 0, d, 40), fix(270, 0, d, 40), key(300, d, devices.StatusOnScene))
	m := milestone(t, tr, "i1", "damkar-1", incident.OnScene)
	if !m.At.Equal(at(240)) || m.Evidence != incident.ByGeofence || m.Verdict != incident.Confirmed || m.Confidence != 1 {
		t.Fatalf("arrival %+v", m)
	}
	if m.Other == nil || m.Other.Evidence != incident.ByKey || !m.Other.At.Equal(at(300)) {
		t.Fatalf("second witness %+v", m.Other)
	}
}

func TestLateFixCorrectsBackwardsVisibly(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	tr, updates := fold(opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"),
		key(500, d, devices.StatusOnScene), fix(200, 400, d, 30), fix(240, 400, d, 30))
	m := milestone(t, tr, "i1", "damkar-1", incident.OnScene)
	if !m.At.Equal(at(200)) || len(m.Was) != 1 || !m.Was[0].At.Equal(at(500)) {
		t.Fatalf("arrival %+v", m)
	}
	i := slices.IndexFunc(updates, func(u incident.Update) bool { return u.Kind == incident.UpdateCorrected })
	if i < 0 || !updates[i].Before.At.Equal(at(500)) || !updates[i].Milestone.At.Equal(at(200)) {
		t.Fatalf("no correction with before and after in %+v", updates)
	}
}

func TestKeyPressedFarAwayIsAConflict(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	tr, _ := fold(opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"),
		fix(200, 0, d, 4000), key(205, d, devices.StatusOnScene))
	m := milestone(t, tr, "i1", "damkar-1", incident.OnScene)
	in, _ := tr.Incident("i1")
	if m.Verdict != incident.Conflict || len(in.Alerts) != 1 || in.Alerts[0].Kind != "key_far_away" {
		t.Fatalf("arrival %+v alerts %+v", m, in.Alerts)
	}
}

func TestSkippedStageStaysMissing(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	tr, _ := fold(opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"),
		key(300, d, devices.StatusOnScene), key(900, d, devices.StatusCompleted))
	in, _ := tr.Incident("i1")
	for _, m := range in.Milestones {
		if m.Name == incident.EnRoute || m.Name == incident.Acknowledged {
			t.Fatalf("invented %+v", m)
		}
	}
}

func TestKeyBelongsToOneIncident(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	tr, _ := fold(opened(0, "i1"), opened(5, "i2"), act(30, incident.ActDispatch, "i1", "damkar-1"),
		act(100, incident.ActDispatch, "i2", "damkar-1"), key(300, d, devices.StatusOnScene))
	milestone(t, tr, "i2", "damkar-1", incident.OnScene)
	in, _ := tr.Incident("i1")
	for _, m := range in.Milestones {
		if m.Name == incident.OnScene {
			t.Fatalf("the key spread to the incident that the unit had left: %+v", m)
		}
	}
}

func TestCompletedBeforeArrivalAsksTheDispatcher(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	tr, _ := fold(opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"),
		key(300, d, devices.StatusCompleted), key(330, d, devices.StatusOnScene), key(900, d, devices.StatusCompleted))
	m := milestone(t, tr, "i1", "damkar-1", incident.Completed)
	in, _ := tr.Incident("i1")
	if !m.At.Equal(at(900)) || len(m.Was) != 1 || len(in.Alerts) != 1 || in.Alerts[0].Kind != "out_of_order" {
		t.Fatalf("completion %+v alerts %+v", m, in.Alerts)
	}
}

func TestEmergencyOfAnUnknownRadioIsShown(t *testing.T) {
	t.Parallel()
	e := key(10, "fleetsync:199-4999", devices.StatusEmergency)
	e.Report.Emergency = true
	tr, updates := fold(e)
	if len(updates) != 1 || updates[0].Kind != incident.UpdateAlert || len(tr.UnknownDevices()) != 1 {
		t.Fatalf("updates %+v", updates)
	}
}

func TestRetainedMessageStartsNothing(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	e := key(400, d, devices.StatusOnScene)
	e.Report.Retained = true
	tr, updates := fold(opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"), e)
	for _, u := range updates {
		if u.Milestone != nil && u.Milestone.Name == incident.OnScene {
			t.Fatalf("a retained message set an arrival: %+v", u)
		}
	}
	if u, _ := tr.UnitByID("damkar-1"); !u.HeardAt.IsZero() {
		t.Fatal("a retained message counts as heard")
	}
}

// outcomeOf is everything that may not depend on the order of events, as JSON.
func outcomeOf(t *rapid.T, tr *tracker.Tracker) string {
	incidents, intervals := tr.Incidents(), map[string][]sop.Interval{}
	for i := range incidents {
		c, _ := tr.Course(incidents[i].ID)
		intervals[incidents[i].ID] = settings().Plan.Intervals(c)
	}
	out, err := json.MarshalIndent([]any{incidents, tr.Units(), intervals, tr.Alerts(), tr.OpenAlerts()}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	statuses := []devices.Status{
		devices.StatusAcknowledged, devices.StatusEnRoute, devices.StatusOnScene,
		devices.StatusInProgress, devices.StatusCompleted, devices.StatusAvailable,
	}
	rapid.Check(t, func(rt *rapid.T) {
		events := []incident.Event{opened(0, "i1"), opened(3, "i2")}
		for i := range rapid.IntRange(4, 40).Draw(rt, "events") {
			s := 10 + i*7 + rapid.IntRange(0, 6).Draw(rt, "s")
			d, unit := drawDevice(rt)
			id := rapid.SampledFrom([]string{"i1", "i2"}).Draw(rt, "incident")
			switch rapid.IntRange(0, 15).Draw(rt, "what") {
			case 10, 11, 12: // an unmapped code, alike again and again
				e := key(s, d, devices.StatusOther)
				e.Report.StatusCode = rapid.SampledFrom([]string{"42", "43"}).Draw(rt, "code")
				e.Report.ArrivedAt = at(s + rapid.SampledFrom([]int{0, 0, 60}).Draw(rt, "late"))
				events = append(events, e)
			case 13:
				e := key(s, d, rapid.SampledFrom([]devices.Status{devices.StatusNeedsAssistance, devices.StatusEmergency}).Draw(rt, "status"))
				e.Report.Emergency = e.Report.Status == devices.StatusEmergency
				events = append(events, e)
			case 14:
				e := act(s, incident.ActMerge, id)
				e.Act.Into = rapid.SampledFrom([]string{"i1", "i2"}).Draw(rt, "into")
				events = append(events, e)
			case 15:
				events = append(events, fix(s, 0, d, 2500), key(s+1, d, devices.StatusOnScene))
			case 0, 1:
				events = append(events, act(s, incident.ActDispatch, id, unit))
			case 2:
				events = append(events, act(s, incident.ActRelease, id, unit))
			case 3:
				events = append(events, act(s, rapid.SampledFrom([]incident.ActKind{incident.ActClose, incident.ActReopen, incident.ActReview}).Draw(rt, "act"), id))
			case 4, 5, 6:
				e := key(s, d, rapid.SampledFrom(statuses).Draw(rt, "status"))
				events = append(events, e)
			default:
				events = append(events, fix(s, rapid.IntRange(0, 90).Draw(rt, "late"), d, rapid.Float64Range(0, 300).Draw(rt, "metres")))
			}
		}
		raised, _ := fold(numbered(events)...)
		for i, a := range raised.Alerts() {
			if rapid.Bool().Draw(rt, "seen") {
				e := act(20+rapid.IntRange(0, 300).Draw(rt, "when"), incident.ActAckAlert, a.Incident, a.Unit)
				e.Act.ID, e.Act.Alert = fmt.Sprint(e.Act.ID, "-", i), a.ID
				events = append(events, e)
			}
		}
		events = numbered(events)
		want, _ := fold(events...)
		shuffled := append(slices.Clone(events), events[rapid.IntRange(0, len(events)-1).Draw(rt, "twice")])
		rand.New(rand.NewSource(rapid.Int64().Draw(rt, "seed"))).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		got, _ := fold(shuffled...)
		if w, g := outcomeOf(rt, want), outcomeOf(rt, got); w != g {
			rt.Fatalf("the order changed the outcome:\nwant %s\ngot  %s", w, g)
		}
	})
}

// TestReaderOfUpdatesHasTheState follows only the updates, as a sink does, and
// compares with the state, whatever the order in which events come.
func TestReaderOfUpdatesHasTheState(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		events := []incident.Event{opened(0, "i1"), act(5, incident.ActDispatch, "i1", "damkar-1")}
		for i := range rapid.IntRange(1, 25).Draw(rt, "events") {
			s := 10 + i*9
			d := rapid.SampledFrom(settings().Roster[0].Devices).Draw(rt, "device")
			status := rapid.SampledFrom([]devices.Status{
				devices.StatusOnScene, devices.StatusInProgress, devices.StatusCompleted, devices.StatusEnRoute, "",
			}).Draw(rt, "status")
			if status == "" {
				events = append(events, fix(s, rapid.IntRange(0, 200).Draw(rt, "late"), d, rapid.Float64Range(0, 200).Draw(rt, "metres")))
				continue
			}
			e := key(s, d, status)
			e.Report.DeviceTime = at(s)
			e.Report.ReceivedAt = at(s + rapid.IntRange(0, 200).Draw(rt, "late"))
			events = append(events, e)
		}
		shuffled := rapid.Permutation(numbered(events)).Draw(rt, "order")
		tr, updates := fold(shuffled...)
		reader := map[string]bool{}
		name := func(m *incident.Milestone) string {
			return fmt.Sprint(m.Unit, m.Name, m.At.UnixNano(), m.Evidence, m.Report)
		}
		for _, u := range updates {
			if u.Before != nil {
				if !reader[name(u.Before)] {
					rt.Fatalf("an update replaces what was never emitted: %+v", *u.Before)
				}
				delete(reader, name(u.Before))
			}
			if u.Milestone != nil {
				reader[name(u.Milestone)] = true
			}
		}
		in, _ := tr.Incident("i1")
		state := map[string]bool{}
		for i := range in.Milestones {
			state[name(&in.Milestones[i])] = true
		}
		if !maps.Equal(reader, state) {
			rt.Fatalf("a reader of the updates has %v, the state is %v", reader, state)
		}
	})
}

// TestWhatStandsBehindAName: who set an arrival, and every event of a unit, is given with
// what proved its identity.
func TestWhatStandsBehindAName(t *testing.T) {
	t.Parallel()
	radio, phone := key(60, "fleetsync:102-1001", devices.StatusOnScene), key(70, "nexedge:00103", devices.StatusOnScene)
	radio.Report.Assurance, phone.Report.Assurance = devices.AssuranceClaimed, devices.AssuranceAuthenticated
	near := fix(50, 0, "nexedge:00103", 5)
	near.Report.Assurance = devices.AssuranceNetwork
	tr, updates := fold(opened(0, "I1"), act(10, incident.ActDispatch, "I1", "damkar-1", "psc-1"), near, radio, phone)
	for unit, want := range map[string]devices.Assurance{"damkar-1": devices.AssuranceClaimed, "psc-1": devices.AssuranceAuthenticated} {
		if m := milestone(t, tr, "I1", unit, incident.OnScene); m.Assurance != want {
			t.Errorf("arrival of %s: %q, not %q", unit, m.Assurance, want)
		}
	}
	published := map[incident.UpdateKind][]devices.Assurance{}
	for _, u := range updates {
		if u.Device != "" {
			published[u.Kind] = append(published[u.Kind], u.Assurance)
		}
	}
	if !slices.Equal(published[incident.UpdateFix], []devices.Assurance{devices.AssuranceNetwork}) ||
		!slices.Equal(published[incident.UpdateStatus], []devices.Assurance{devices.AssuranceClaimed, devices.AssuranceAuthenticated}) {
		t.Errorf("%v", published)
	}
}
