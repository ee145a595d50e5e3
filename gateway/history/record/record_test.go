package record_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/history/record"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

var (
	start = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) // 10:00 WIB
	wib   = time.FixedZone("WIB", 7*60*60)
	scene = incident.Location{Lat: -6.836, Lon: 108.227}
)

const (
	caller = "Bu Aminah 0812-3456-789"
	device = "fleetsync:102-1001"
	// strange is what a note may hold: beyond the font, beyond the basic plane, markup.
	strange = "<b>&\"\\ é 漢字 🚒 " + "tanpaspasi"
)

func minute(m float64) time.Time { return start.Add(time.Duration(m * float64(time.Minute))) }

// story is one incident: a key that GPS contradicts, a correction by hand, a closing
// that came too late.
type story struct {
	t       *testing.T
	entries []journal.Entry
}

func (s *story) add(kind journal.Kind, id string, at time.Time, body any) {
	s.t.Helper()
	r, err := journal.NewRecord(kind, id, at, body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.entries = append(s.entries, journal.Entry{Seq: uint64(len(s.entries) + 1), JournaledAt: at, Record: r})
}

func (s *story) act(a incident.Act) {
	a.ID, a.Incident, a.By = fmt.Sprintf("a%d", len(s.entries)), "i1", "siti"
	s.add(journal.KindAct, a.ID, a.At, a)
}

func (s *story) key(m float64, status devices.Status, code string, p orb.Point) {
	id := fmt.Sprintf("r%d", len(s.entries))
	s.add(journal.KindReport, id, minute(m), devices.Report{
		ID: id, Protocol: devices.Kenwood, Kind: devices.KindStatus, Device: device, ReceivedAt: minute(m), DeviceTime: minute(m),
		Status: status, StatusCode: code, Link: "pos", Fix: &geo.Fix{Point: p, Time: minute(m)}, Raw: []byte("\x02$PKLDS," + code + "\x03"),
	})
}

func (s *story) all() iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		for _, e := range s.entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Find is the journal's.
func (s *story) Find(_ context.Context, id string) (journal.Entry, bool, error) {
	for _, e := range s.entries {
		if e.ID == id {
			return e, true, nil
		}
	}
	return journal.Entry{}, false, nil
}

func settings() incident.Settings {
	return incident.Settings{
		Roster: []incident.Unit{{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: "Damkar", Devices: []devices.Identity{device}}},
		Plan:   sop.DefaultPlan(),
		Arrival: geo.ArrivalRule{RadiusM: 100, Dwell: 30 * time.Second, LeaveFactor: 1.5,
			MaxSpeedMPS: 2.78, MaxAccuracyM: 50, MaxJumpMPS: 83.3},
	}
}

func newStory(t *testing.T) *story {
	s := &story{t: t}
	far := orb.Point{scene.Lon + 0.03, scene.Lat + 0.02} // 4 km off
	s.act(incident.Act{Kind: incident.ActOpen, At: minute(0), Opening: &incident.Opening{
		Number: "20261123-001", Category: "fire", Location: &scene, Address: "Jl. KH Abdul Halim", District: "Majalengka",
		ReceivedAt: minute(0), Caller: caller, Description: "Rumah terbakar", Source: "dispatcher",
	}})
	s.act(incident.Act{Kind: incident.ActDispatch, At: minute(1), Units: []string{"damkar-1"}})
	s.key(2, devices.StatusEnRoute, "12", far)
	s.key(6, devices.StatusOnScene, "13", far)
	s.act(incident.Act{Kind: incident.ActNote, At: minute(7), Text: strange})
	s.act(incident.Act{Kind: incident.ActCorrect, At: minute(8), Units: []string{"damkar-1"}, Milestone: incident.OnScene, MilestoneAt: minute(7.5), Reason: "radio rusak"})
	s.key(20, devices.StatusCompleted, "15", scene.Point())
	s.act(incident.Act{Kind: incident.ActClose, At: minute(25)})
	return s
}

func sheet(t *testing.T, name string, withCaller bool) *record.Sheet {
	t.Helper()
	s := newStory(t)
	src, err := record.FromJournal(t.Context(), s.all(), settings(), name)
	if err != nil {
		t.Fatal(err)
	}
	src.Frame = record.FrameOf(s, []string{"pos"}, record.Listeners{"pos": {""}}.Stations)
	src.Landmarks = []record.Landmark{{Name: "Tonjong", Lat: scene.Lat + 0.005, Lon: scene.Lon + 0.005}}
	out, err := record.Gather(t.Context(), src, record.Options{
		Office: record.Office{County: "Kabupaten Majalengka", Name: "Dinas Kominfo", City: "Majalengka", Signatory: "NIP 1"},
		Zone:   wib, Now: minute(30), WithCaller: withCaller,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSheetSaysHowItIsKnown(t *testing.T) {
	t.Parallel()
	s := sheet(t, "20261123-001", false)
	if len(s.Arrivals) != 1 || !s.Arrivals[0].At.Equal(minute(7.5)) || s.Arrivals[0].By != incident.ByDispatcher {
		t.Fatalf("arrival: %+v", s.Arrivals)
	}
	want := record.Correction{
		Milestone: incident.OnScene, Unit: "damkar-1", CallSign: "DAMKAR 1", CorrectedAt: minute(8), Before: minute(6),
		BeforeBy: incident.ByKey, BeforeReport: "r3", After: minute(7.5), AfterBy: incident.ByDispatcher, AfterReport: "a5", Reason: "radio rusak", By: "siti",
	}
	if len(s.Corrections) != 1 || s.Corrections[0] != want {
		t.Errorf("corrections: %+v", s.Corrections)
	}
	states := map[sop.ClockName]string{}
	for _, c := range s.Clocks {
		states[c.Name] += fmt.Sprintf("%s %+.0f;", c.State, c.LeftS())
	}
	for name, want := range map[sop.ClockName]string{
		sop.OnSceneUpdate: "met +210;", sop.ProgressUpdate: "breached -150;", sop.Closing: "breached -180;",
		sop.WholeFlow: "met +4920;", sop.Monitoring: "met +240;breached -480;",
	} {
		if states[name] != want {
			t.Errorf("%s: %q, want %q", name, states[name], want)
		}
	}
	if len(s.Frames) != 3 || s.Frames[0].RawHex != "0224504b4c44532c313203" || s.Frames[0].RawText != "·$PKLDS,12·" {
		t.Errorf("frames: %+v", s.Frames)
	}
	if len(s.Tracks) != 1 || len(s.Tracks[0].Points) != 3 {
		t.Errorf("tracks: %+v", s.Tracks)
	}
}

// TestEveryFormatTells reads each format as its reader does.
// TestKeyIsWhereItsOwnDeviceIs: the unit's other device lies at the base, and was heard nearer
// to the press.
func TestKeyIsWhereItsOwnDeviceIs(t *testing.T) {
	t.Parallel()
	s := &story{t: t}
	const phone = "owntracks:a/phone"
	base := orb.Point{scene.Lon, scene.Lat + 0.045} // 5 km off
	report := func(m float64, from devices.Identity, r devices.Report) {
		r.ID, r.Device, r.ReceivedAt, r.Link, r.Raw = fmt.Sprintf("r%d", len(s.entries)), from, minute(m), "pos", []byte("x")
		s.add(journal.KindReport, r.ID, minute(m), r)
	}
	fix := func(m float64, from devices.Identity, p orb.Point) {
		report(m, from, devices.Report{Protocol: devices.OwnTracks, Kind: devices.KindPosition, DeviceTime: minute(m), Fix: &geo.Fix{Point: p, Time: minute(m)}})
	}
	s.act(incident.Act{Kind: incident.ActOpen, At: minute(0), Opening: &incident.Opening{Number: "1", Category: "fire", Location: &scene, ReceivedAt: minute(0)}})
	s.act(incident.Act{Kind: incident.ActDispatch, At: minute(1), Units: []string{"damkar-1"}})
	fix(5.5, device, scene.Point())
	fix(5.9, phone, base)
	report(6, device, devices.Report{Protocol: devices.Kenwood, Kind: devices.KindStatus, Status: devices.StatusOnScene})
	fix(9.9, phone, base)
	report(10, device, devices.Report{Protocol: devices.Kenwood, Kind: devices.KindStatus, Status: devices.StatusCompleted})
	with := settings()
	with.Roster[0].Devices = append(with.Roster[0].Devices, phone)
	src, err := record.FromJournal(t.Context(), s.all(), with, "1")
	if err != nil {
		t.Fatal(err)
	}
	src.Frame = record.FrameOf(s, []string{"pos"}, record.Listeners{"pos": {""}}.Stations)
	sheet, err := record.Gather(t.Context(), src, record.Options{Zone: wib, Now: minute(11)})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, l := range sheet.Timeline {
		switch l.Kind {
		case string(incident.OnScene):
			if seen++; l.Where == nil || l.Where.FromSceneM == nil || *l.Where.FromSceneM > 1 {
				t.Errorf("on scene: %v", l.Where)
			}
		case string(incident.Completed): // its own device was heard four minutes before
			if seen++; l.Where != nil {
				t.Errorf("completed: %v", l.Where)
			}
		}
	}
	if seen != 2 {
		t.Errorf("%d lines", seen)
	}
}

func TestEveryFormatTells(t *testing.T) {
	if testing.Short() {
		t.Skip("needs pdftotext")
	}
	t.Parallel()
	s := sheet(t, "i1", false)
	var page, pdf, electronic bytes.Buffer
	if err := errors.Join(s.WriteHTML(&page), s.WritePDF(&pdf), s.WriteJSON(&electronic)); err != nil {
		t.Fatal(err)
	}
	read := exec.CommandContext(t.Context(), "pdftotext", "-layout", "-", "-")
	read.Stdin = bytes.NewReader(pdf.Bytes())
	text, err := read.Output()
	if err != nil {
		t.Fatalf("pdftotext (package poppler-utils, see .ci/install-peers): %v", err)
	}
	for name, got := range map[string]string{"html": page.String(), "pdf": string(text)} {
		for _, want := range []string{
			"20261123-001", "Kebakaran", "DAMKAR 1", "10:06:00", "10:07:30", "radio rusak", "TERLAMPAUI", "1 h 47 min", "tidak dicetak",
			"2450", "PKLDS,13", "Senin, 23 November 2026", "Halaman", "Tonjong", "siti",
		} {
			if !strings.Contains(strings.ReplaceAll(got, "−", "-"), want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
	if strings.Contains(page.String(), "<b>&") || strings.Contains(page.String(), "ZgotmplZ") || strings.Contains(page.String(), "<script") {
		t.Error("the page carries a note's markup, or lost a value")
	}
	var back record.Sheet
	if err := json.Unmarshal(electronic.Bytes(), &back); err != nil || len(back.Timeline) != len(s.Timeline) || back.Incident.Number != "20261123-001" {
		t.Errorf("json: %v, %d lines", err, len(back.Timeline))
	}
}

func TestCallerOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	for asked, want := range map[bool]bool{false: false, true: true} {
		s := sheet(t, "i1", asked)
		var page, electronic bytes.Buffer
		if err := errors.Join(s.WriteHTML(&page), s.WriteJSON(&electronic)); err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]string{"html": page.String(), "json": electronic.String()} {
			if strings.Contains(got, "Aminah") != want {
				t.Errorf("asked %v: %s tells the caller: %v", asked, name, !want)
			}
		}
	}
}

func TestUnknownIncident(t *testing.T) {
	t.Parallel()
	_, err := record.FromJournal(t.Context(), newStory(t).all(), settings(), "i2")
	if !errors.Is(err, record.ErrNoIncident) {
		t.Errorf("%v", err)
	}
}

// FuzzPDF prints whatever people write: no text may break the sheet.
func FuzzPDF(f *testing.F) {
	f.Add(strange, 3)
	f.Add(strings.Repeat("W", 3000), 1)
	f.Add("a\x00b\xff\n\t", 60)
	f.Fuzz(func(t *testing.T, text string, lines int) {
		s := &record.Sheet{Zone: wib, MadeAt: start, Incident: incident.Incident{Number: text, Description: text, Location: &scene}}
		for i := range max(0, min(lines, 100)) {
			s.Timeline = append(s.Timeline, record.Line{At: minute(float64(i)), KnownAt: minute(float64(i) + 2), Who: text, What: text, Means: text, Report: text})
		}
		var out bytes.Buffer
		if err := s.WritePDF(&out); err != nil || !bytes.HasPrefix(out.Bytes(), []byte("%PDF")) {
			t.Fatal(err)
		}
		if err := s.WriteHTML(&out); err != nil {
			t.Fatal(err)
		}
	})
}
