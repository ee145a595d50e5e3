package telemetry

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
)

var noon = time.Date(2026, 11, 23, 5, 0, 0, 250, time.UTC)

func about(kind incident.UpdateKind) incident.Update {
	return incident.Update{
		Seq: 1, JournalSeq: 1, Kind: kind, At: noon, KnownAt: noon.Add(time.Second), Incident: "i7", Category: "fire",
		District: "Kadipaten", ReceivedAt: noon.Add(-10 * time.Minute), Unit: "damkar-1", CallSign: "Damkar 1", Agency: "damkar",
		Device: "fleetsync:102-1001", Protocol: devices.Kenwood, Link: "roof", Report: "r1",
	}
}

// line writes a point as one line, fields in their order.
func line(p Point) string {
	var b strings.Builder
	b.WriteString(p.Measurement)
	for _, t := range p.Tags {
		fmt.Fprintf(&b, ",%s=%s", t.Key, t.Value)
	}
	for i, f := range p.Fields {
		fmt.Fprintf(&b, "%s%s=%v", [2]string{",", " "}[min(1, max(0, 1-i))], f.Key, f.Value)
	}
	return b.String() + " " + p.Time.Format(time.RFC3339Nano)
}

func lines(points []Point) string {
	out := make([]string, len(points))
	for i, p := range points {
		out[i] = line(p)
	}
	return strings.Join(out, "\n")
}

func TestPoints(t *testing.T) {
	t.Parallel()
	arrival := incident.Milestone{Name: incident.OnScene, Unit: "damkar-1", At: noon, Evidence: incident.ByKey, Report: "r1", Confidence: 0.7, Verdict: "key_only", Clock: "device", KnownAt: noon.Add(time.Second)}
	with := func(m incident.Milestone, change func(*incident.Milestone)) *incident.Milestone {
		change(&m)
		return &m
	}
	earlier := with(arrival, func(m *incident.Milestone) { m.At, m.Evidence = noon.Add(-2*time.Minute), incident.ByGeofence })
	confirmed := with(arrival, func(m *incident.Milestone) {
		m.Confidence, m.Verdict, m.Other = 1, "confirmed", &incident.Witness{At: noon.Add(90 * time.Second), Evidence: incident.ByGeofence}
	})
	travel := sop.Interval{Name: sop.Travel, Unit: "damkar-1", From: noon.Add(-8 * time.Minute), To: noon, LimitS: 600, Within: true}
	whole := sop.Interval{Name: sop.Total, From: noon, To: noon.Add(-time.Minute), Contradictory: true}
	shorter := travel
	shorter.From = noon.Add(-5 * time.Minute)
	sooner := travel
	sooner.To = noon.Add(-2 * time.Minute)

	const milestone = "incident_milestone,agency=damkar,category=fire,district=Kadipaten,evidence=%s,incident=i7,milestone=on_scene,unit=damkar-1 " +
		"report=r1,confidence=%v,verdict=%s,superseded=%v,clock=device,known_after_s=%v,witness_after_s=%v,offset_s=%v 2026-11-23T%sZ"
	const interval = "response_interval,agency=damkar,category=fire,district=Kadipaten,incident=i7,interval=travel,unit=damkar-1 " +
		"seconds=%v,limit_s=600,within=true,contradictory=false,superseded=%v,corrected=%v 2026-11-23T%sZ"
	const at, before = "05:00:00.00000025", "04:58:00.00000025"
	for _, c := range []struct {
		name   string
		kind   incident.UpdateKind
		change func(*incident.Update)
		want   []string
	}{
		{"a fix with every reading", incident.UpdateFix, func(u *incident.Update) {
			u.Fix = &geo.Fix{Point: orb.Point{108.25, -6.75}, AccuracyM: geo.Measured(8), SpeedMPS: geo.Measured(0), CourseDeg: geo.Measured(90), AltitudeM: geo.Measured(140)}
		}, []string{"unit_fix,agency=damkar,device=fleetsync:102-1001,link=roof,protocol=kenwood,unit=damkar-1 lat=-6.75,lon=108.25,accuracy_m=8,speed_mps=0,course_deg=90,altitude_m=140,incident=i7,report=r1 2026-11-23T05:00:00.00000025Z"}},
		{"a fix of which nothing else is known", incident.UpdateFix, func(u *incident.Update) {
			u.Fix, u.Incident, u.Agency = &geo.Fix{Point: orb.Point{108.25, -6.75}}, "", ""
		}, []string{"unit_fix,device=fleetsync:102-1001,link=roof,protocol=kenwood,unit=damkar-1 lat=-6.75,lon=108.25,incident=,report=r1 2026-11-23T05:00:00.00000025Z"}},
		{"a key", incident.UpdateStatus, func(u *incident.Update) { u.Status, u.StatusCode = devices.StatusOnScene, "13" },
			[]string{"unit_status,agency=damkar,link=roof,protocol=kenwood,status=on_scene,unit=damkar-1 code=13,incident=i7,report=r1,device=fleetsync:102-1001 2026-11-23T05:00:00.00000025Z"}},
		{"a milestone", incident.UpdateMilestone, func(u *incident.Update) { u.Milestone = &arrival },
			[]string{fmt.Sprintf(milestone, "key", 0.7, "key_only", false, 1, 0, 600, at)}},
		{"a corrected milestone", incident.UpdateCorrected, func(u *incident.Update) { u.Before, u.Milestone = &arrival, earlier },
			[]string{
				fmt.Sprintf(milestone, "key", 0.7, "key_only", true, 1, 0, 600, at),
				fmt.Sprintf(milestone, "geofence", 0.7, "key_only", false, 121, 0, 480, before),
			}},
		{"a withdrawn milestone", incident.UpdateCorrected, func(u *incident.Update) { u.Before = &arrival },
			[]string{fmt.Sprintf(milestone, "key", 0.7, "key_only", true, 1, 0, 600, at)}},
		{"a second witness keeps the identity", incident.UpdateWitness, func(u *incident.Update) { u.Before, u.Milestone = &arrival, confirmed },
			[]string{fmt.Sprintf(milestone, "key", 1, "confirmed", false, 1, 90, 600, at)}},
		{"an interval", incident.UpdateInterval, func(u *incident.Update) { u.Interval = &travel },
			[]string{fmt.Sprintf(interval, 480, false, false, at)}},
		{"an interval that began later keeps the identity", incident.UpdateInterval, func(u *incident.Update) { u.BeforeInterval, u.Interval = &travel, &shorter },
			[]string{fmt.Sprintf(interval, 300, false, true, at)}},
		{"an interval that ended sooner", incident.UpdateInterval, func(u *incident.Update) { u.BeforeInterval, u.Interval = &travel, &sooner },
			[]string{fmt.Sprintf(interval, 480, true, false, at), fmt.Sprintf(interval, 360, false, false, before)}},
		{"an interval that can no longer be measured", incident.UpdateInterval, func(u *incident.Update) { u.BeforeInterval = &travel },
			[]string{fmt.Sprintf(interval, 480, true, false, at)}},
		{"a contradictory interval of the whole incident", incident.UpdateInterval, func(u *incident.Update) { u.Interval, u.Agency = &whole, "" },
			[]string{"response_interval,category=fire,district=Kadipaten,incident=i7,interval=total seconds=-60,contradictory=true,superseded=false,corrected=false 2026-11-23T04:59:00.00000025Z"}},
		{"a unit taken off", incident.UpdateReleased, func(u *incident.Update) { u.Text, u.By = "moved", "cad" },
			[]string{"incident_milestone,agency=damkar,category=fire,district=Kadipaten,evidence=cad,incident=i7,milestone=taken_off,unit=damkar-1 " +
				"report=r1,confidence=1,verdict=,superseded=false,clock=gateway,known_after_s=1,witness_after_s=0,offset_s=600 2026-11-23T05:00:00.00000025Z"}},
		{"a unit that went home when it was done", incident.UpdateReleased, func(u *incident.Update) { u.Text = "available" }, nil},
		{"a note", incident.UpdateNote, func(*incident.Update) {}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := about(c.kind)
			c.change(&u)
			points := Points(u)
			if got, want := lines(points), strings.Join(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for _, p := range points {
				if err := p.Check(); err != nil {
					t.Errorf("a store would refuse it: %v", err)
				}
			}
		})
	}
}

func TestTwoLinksAtOneMomentAreTwoPoints(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, link := range []string{"roof", "hill", "a\nb", "a b", `a\b`, "a", "a\x00", "", "a␊b "} {
		u := about(incident.UpdateFix)
		u.Fix, u.Link = &geo.Fix{Point: orb.Point{108, -6}}, link
		id := Points(u)[0].Identity()
		if other, taken := seen[id]; taken {
			t.Errorf("links %q and %q share a point", link, other)
		}
		seen[id] = link
	}
}

func TestNaNIsRefusedNotDropped(t *testing.T) {
	t.Parallel()
	u := about(incident.UpdateFix)
	u.Fix = &geo.Fix{Point: orb.Point{math.NaN(), -6}}
	points := Points(u)
	if len(points) != 1 || points[0].Check() == nil {
		t.Errorf("points %v", points)
	}
}

// FuzzPoints holds that no text, however hostile, makes a point that a store
// refuses or a tag that reads like its neighbour.
func FuzzPoints(f *testing.F) {
	for _, s := range []string{"", "Damkar 1", "a\nb", "a,b=c d", `\`, "\xff\xfe", "警察", strings.Repeat("é", 40_000), "\u0085", "\x00"} {
		f.Add(s, "roof")
		f.Add("damkar-1", s)
	}
	f.Fuzz(func(t *testing.T, unit, link string) {
		for _, kind := range []incident.UpdateKind{incident.UpdateFix, incident.UpdateStatus, incident.UpdateMilestone, incident.UpdateInterval} {
			u := about(kind)
			u.Unit, u.Link, u.Report, u.StatusCode = unit, link, unit, link
			u.Status = devices.StatusOther
			u.Fix = &geo.Fix{Point: orb.Point{108, -6}}
			u.Milestone = &incident.Milestone{Name: incident.OnScene, Unit: unit, At: noon, Evidence: incident.ByKey}
			u.Interval = &sop.Interval{Name: sop.Travel, Unit: unit, From: noon, To: noon}
			points := Points(u)
			if len(points) != 1 {
				t.Fatalf("%d points", len(points))
			}
			if err := points[0].Check(); err != nil {
				t.Fatalf("unit %q link %q: %v", unit, link, err)
			}
		}
	})
}
