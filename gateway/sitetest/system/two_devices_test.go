package system

import (
	"fmt"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// crews are the units of the test below, each with one incident.
const crews = 20

// metresNorth is a latitude so many metres north of another.
func metresNorth(lat, metres float64) float64 { return lat + metres/111_195 }

// crew is a unit with a radio in its vehicle and a phone.
type crew struct {
	radio    int
	phone    string
	lat, lon float64 // of its scene
	incident string
	// pressed is when its key was pressed, heard when the stream gave its arrival.
	pressed, heard time.Time
	publish        func(payload string)
}

// TestTwentyPressesAreTwentyArrivals: units with a radio and a phone, of which the phone lies
// at the base five kilometres away, or walks on with somebody. Each press on the radio, with
// or without a position and now and then printed twice, is one arrival by key.
func TestTwentyPressesAreTwentyArrivals(t *testing.T) {
	t.Parallel()
	names := sitetest.DeviceNames(crews)
	s := sitetest.New(t, names...)
	s.WriteFile("units.yaml", "units:\n")
	all := make([]*crew, crews)
	byUnit := map[string]*crew{}
	for i, name := range names {
		c := &crew{radio: 1001 + i, phone: name, lat: metresNorth(-6.8364, float64(i)*400), lon: 108.2274}
		all[i], byUnit[c.unit()] = c, c
		s.AddUnit(fmt.Sprintf(`{id: %s, call_sign: REGU %d, agency: Damkar, devices: ["fleetsync:102-%d", "owntracks:%s/phone"]}`, c.unit(), c.radio, c.radio, c.phone))
	}
	s.Start()
	for _, c := range all {
		client := s.MQTTClient(c.phone)
		c.publish = func(payload string) { s.Publish(client, "owntracks/"+c.phone+"/phone", payload) }
	}
	for i, c := range all {
		c.sayWhere(i, -90*time.Second)
		c.sayWhere(i, -20*time.Second)
	}
	events := s.Events("")
	for _, c := range all {
		var in struct{ ID string }
		s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": c.lat, "lon": c.lon}}, &in)
		s.Post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{c.unit()}}, nil)
		c.incident = in.ID
	}
	for i, c := range all {
		c.sayWhere(i, 0)
		c.press(s, i)
	}

	reports := map[string]string{}
	for len(reports) < crews {
		e := s.Await(events, fmt.Sprintf("an arrival more than %d", len(reports)), func(u sitetest.Update) bool {
			return u.Milestone != nil && u.Milestone.Milestone == "on_scene"
		})
		if unit, twice := reports[e.Milestone.Report]; twice || e.Kind != "milestone" || byUnit[e.Unit] == nil {
			t.Fatalf("%+v with the report of %q", e.Update, unit)
		}
		reports[e.Milestone.Report], byUnit[e.Unit].heard = e.Unit, e.At
	}
	for i, c := range all {
		c.sayWhere(i, time.Second)
		s.Await(events, "the phone of "+c.unit(), func(u sitetest.Update) bool {
			if u.Milestone != nil && u.Milestone.Milestone == "on_scene" {
				t.Errorf("one arrival more, or another: %+v", u)
			}
			return u.Kind == "fix" && u.Unit == c.unit() && u.At.After(c.pressed)
		})
	}
	for _, c := range all {
		c.arrived(s)
	}
	var alerts struct{ Alerts []struct{ Kind, Unit string } }
	if s.Get("/alerts", &alerts); len(alerts.Alerts) != 0 {
		t.Errorf("%+v", alerts.Alerts)
	}
	s.Stop()
}

func (c *crew) unit() string { return fmt.Sprintf("regu-%d", c.radio) }

// sayWhere has the phone of crew i say where it is, at a time from now. Of every second crew
// it lies at the base; with the others somebody walks away from the scene.
func (c *crew) sayWhere(i int, from time.Duration) {
	at := time.Now().Add(from)
	away, velocity := 5000.0, 0
	if i%2 == 1 {
		away, velocity = 1500+1.4*from.Seconds(), 5
	}
	c.publish(fmt.Sprintf(`{"_type":"location","lat":%.6f,"lon":%.6f,"acc":8,"vel":%d,"tst":%d}`, metresNorth(c.lat, away), c.lon, velocity, at.Unix()))
}

// press has the radio of crew i say that it is at the scene: every third with a position, and
// of every fourth the base station prints it twice.
func (c *crew) press(s *sitetest.Site, i int) {
	s.T.Helper()
	c.pressed = time.Now().UTC()
	sentence := sitetest.Sentence(fmt.Sprintf("PKLID,00,102,%d,13,00,", c.radio))
	if i%3 == 0 {
		sentence = sitetest.Sentence(fmt.Sprintf("PKLDS,%s,A,%s,S,%s,E,000.0,000.0,%s,00.00,E00,102,%d,13,00,", c.pressed.Format("150405"),
			sitetest.DegreesMinutes(-c.lat, 2), sitetest.DegreesMinutes(c.lon, 3), c.pressed.Format("020106"), c.radio))
	}
	s.Print(sentence)
	if i%4 == 0 {
		s.Print(sentence)
	}
}

// arrived holds the crew's incident against its press.
func (c *crew) arrived(s *sitetest.Site) {
	s.T.Helper()
	type arrival struct {
		Milestone, Unit, Evidence, Verdict, Device string
		At                                         time.Time
		Was                                        []struct{ Report string }
	}
	var in struct {
		Status                string
		Milestones, Withdrawn []arrival
		Alerts                []struct{ Kind string }
	}
	s.Get("/incidents/"+c.incident, &in)
	var found []arrival
	for _, m := range in.Milestones {
		if m.Milestone == "on_scene" {
			found = append(found, m)
		}
	}
	if len(found) != 1 || in.Status != "on_scene" || len(in.Withdrawn) != 0 || len(in.Alerts) != 0 {
		s.T.Fatalf("%s: %+v", c.unit(), in)
	}
	m := found[0]
	if m.Unit != c.unit() || m.Evidence != "key" || m.Verdict != "key_only" || m.Device != fmt.Sprintf("fleetsync:102-%d", c.radio) || len(m.Was) != 0 {
		s.T.Errorf("%s: %+v", c.unit(), m)
	}
	// A radio tells its time in whole seconds.
	if m.At.Before(c.pressed.Truncate(time.Second)) || m.At.After(c.heard) {
		s.T.Errorf("%s: pressed at %v, arrived at %v, known at %v", c.unit(), c.pressed, m.At, c.heard)
	}
}
