package cot

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/geo"
)

var noon = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

func settings() Settings {
	return Settings{Stale: 2 * time.Minute, UnitType: "a-f-G-U-C", Now: func() time.Time { return noon }, Speed: 1}
}

func team() incident.UnitState {
	return incident.UnitState{
		Unit:   incident.Unit{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: "Damkar"},
		Status: devices.StatusOnScene, FixAt: noon.Add(-30 * time.Second), BatteryPct: geo.Measured(81),
		Fix: &geo.Fix{Point: orb.Point{108.2274, -6.8364}, AccuracyM: geo.Measured(12), SpeedMPS: geo.Measured(3.25), CourseDeg: geo.Measured(271)},
	}
}

// read decodes an event and fails on anything that is not well-formed.
func read(t *testing.T, b []byte) event {
	t.Helper()
	var e event
	d := xml.NewDecoder(strings.NewReader(string(b)))
	d.Strict = true
	if err := d.Decode(&e); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("more than one event in %s", b)
	}
	return e
}

func TestUnit(t *testing.T) {
	t.Parallel()
	b, fresh := settings().unit(team(), noon)
	if !fresh {
		t.Fatal("not fresh")
	}
	e := read(t, b)
	want := event{
		XMLName: xml.Name{Local: "event"}, Version: "2.0", UID: "htgateway.unit.damkar-1", Type: "a-f-G-U-C", How: "m-g",
		Time: "2026-11-24T04:59:30.000Z", Start: "2026-11-24T04:59:30.000Z", Stale: "2026-11-24T05:01:30.000Z",
		Point: point{"-6.836400", "108.227400", unknown, "12.0", unknown},
	}
	d := e.Detail
	e.Detail = detail{}
	if e != want {
		t.Errorf("%+v\nwant %+v", e, want)
	}
	if d.Contact.CallSign != "DAMKAR 1" || d.Track.Speed != "3.25" || d.Track.Course != "271.0" || d.Status.Percent != "81" || d.Remarks != "Damkar on_scene" {
		t.Errorf("%s", b)
	}
}

func TestWhatIsUnknownSaysSo(t *testing.T) {
	t.Parallel()
	u := team()
	u.Fix.AccuracyM, u.Fix.SpeedMPS, u.BatteryPct = geo.Reading{}, geo.Reading{}, geo.Reading{}
	b, _ := settings().unit(u, noon)
	e := read(t, b)
	if e.Point.CE != unknown || e.Detail.Track.Speed != unknown || e.Detail.Track.Course != "271.0" || e.Detail.Status != nil {
		t.Errorf("%s", b)
	}
	u.Fix.CourseDeg = geo.Reading{}
	if b, _ = settings().unit(u, noon); read(t, b).Detail.Track != nil {
		t.Errorf("a track of nothing: %s", b)
	}
}

func TestUnitsThatAreNotSent(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*incident.UnitState){
		"no fix":             func(u *incident.UnitState) { u.Fix = nil },
		"stale already":      func(u *incident.UnitState) { u.FixAt = noon.Add(-2 * time.Minute) },
		"a fix of yesterday": func(u *incident.UnitState) { u.FixAt = noon.Add(-24 * time.Hour) },
		"without satellites": func(u *incident.UnitState) { u.Fix.NoLock = true },
		"null island":        func(u *incident.UnitState) { u.Fix.Point = orb.Point{} },
		"no time":            func(u *incident.UnitState) { u.FixAt = time.Time{} },
	} {
		u := team()
		change(&u)
		if b, fresh := settings().unit(u, noon); fresh {
			t.Errorf("%s: %s", name, b)
		}
	}
}

func TestHostileNamesStayNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		`"/><event uid="x">`, `]]></event>`, "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;", "A&B", "nul\x00bell\x07", "\xff\xfe", "líne\nbreak",
	} {
		u := team()
		u.CallSign, u.ID, u.Agency = name, name, name
		b, _ := settings().unit(u, noon)
		e := read(t, b)
		clean := strings.ToValidUTF8(strings.Map(func(r rune) rune {
			if r < ' ' && r != '\n' {
				return '\uFFFD'
			}
			return r
		}, name), "\uFFFD")
		if e.Detail.Contact.CallSign != clean && name != "\xff\xfe" {
			t.Errorf("%q became %q", name, e.Detail.Contact.CallSign)
		}
		alert := read(t, settings().alert(u, noon, noon))
		if alert.Type != typeEmergency || alert.Detail.Link.UID != e.UID {
			t.Errorf("%+v", alert)
		}
	}
}

func TestIncidentAndItsEnd(t *testing.T) {
	t.Parallel()
	in := incident.Incident{
		ID: "i1", Number: "20261124-001", Category: "fire", Status: "dispatched", Address: strings.Repeat("Jl. Siliwangi ", 200),
		ReceivedAt: noon.Add(-time.Hour), Location: &incident.Location{Lat: -6.83, Lon: 108.22, RadiusM: 250},
	}
	b, placed := settings().incident(in, noon)
	e := read(t, b)
	if !placed || e.UID != "htgateway.incident.i1" || e.Type != "b-m-p-s-m" || e.Point.CE != "250.0" || e.Start != "2026-11-24T04:00:00.000Z" ||
		e.Stale != "2026-11-24T05:02:00.000Z" || e.Detail.Contact.CallSign != "20261124-001 fire" || len(b) > 1400 {
		t.Errorf("%s", b)
	}
	gone := read(t, settings().over(in, noon))
	if gone.Type != "t-x-d-d" || gone.Detail.Link.UID != e.UID || gone.Detail.Delete == nil {
		t.Errorf("%+v", gone)
	}
	in.Location = nil
	if _, placed := settings().incident(in, noon); placed {
		t.Error("an incident without a place was drawn")
	}
}

func TestEmergencyWithoutAFix(t *testing.T) {
	t.Parallel()
	u := team()
	u.Fix = nil
	e := read(t, settings().alert(u, noon, noon))
	if e.Point != nowhere() || e.Detail.Emergency.Type != "911 Alert" || e.Detail.Emergency.CallSign != "DAMKAR 1" || e.Stale != "2026-11-24T05:02:00.000Z" {
		t.Errorf("%+v", e)
	}
}
