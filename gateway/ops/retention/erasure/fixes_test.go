package erasure_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/ops/retention/erasure"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
)

var (
	start = time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	scene = orb.Point{108.2274, -6.8361}
)

func settings() incident.Settings {
	return incident.Settings{
		Roster: []incident.Unit{
			{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: "Damkar", Devices: []devices.Identity{"fleetsync:102-1001"}},
			{ID: "psc-1", CallSign: "PSC 1", Agency: "PSC 119", Devices: []devices.Identity{"nexedge:00103"}},
		},
		Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(),
	}
}

func at(minutes float64) time.Time {
	return start.Add(time.Duration(minutes * float64(time.Minute))).Truncate(time.Second)
}

func act(a incident.Act, when float64) journal.Record {
	a.At, a.By = at(when), "siti"
	if a.ID == "" {
		a.ID = fmt.Sprintf("%s-%s-%v", a.Kind, a.Incident, when)
	}
	return record(journal.KindAct, a.ID, a.At, &a)
}

func opened(id string, when float64) journal.Record {
	return act(incident.Act{Kind: incident.ActOpen, Incident: id, Opening: &incident.Opening{
		Number: id, Category: "fire", ReceivedAt: at(when), Location: &incident.Location{Lat: scene[1], Lon: scene[0]},
	}}, when)
}

func record(kind journal.Kind, id string, when time.Time, body any) journal.Record {
	rec, err := journal.NewRecord(kind, id, when, body)
	if err != nil {
		panic(err)
	}
	return rec
}

// fix is one of a device, taken at a minute and received so many minutes later.
func fix(d devices.Identity, when, late, metres float64) *devices.Report {
	return &devices.Report{
		ID: fmt.Sprintf("fix-%s-%v-%v", d, when, late), Device: d, Kind: devices.KindPosition, Protocol: devices.Kenwood, Link: "roof",
		DeviceTime: at(when), ReceivedAt: at(when + late), Raw: []byte("RAHASIA"),
		Fix: &geo.Fix{Point: orb.Point{scene[0], scene[1] + metres/111195}, Time: at(when), SpeedMPS: geo.Measured(0)},
	}
}

func report(r *devices.Report) journal.Record {
	return record(journal.KindReport, r.ID, r.ReceivedAt, r)
}

// place is a journal and an update log, which tests fill.
type place struct {
	dir     string
	journal *sqlite.Journal
	updates *updatelog.Log
}

type fataler interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

func newPlace(t *testing.T, rt fataler, records []journal.Record) *place {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		rt.Fatal(err)
	}
	p := &place{dir: dir}
	// The journal's clock is that of what it takes.
	if p.journal, err = sqlite.Open(t.Context(), filepath.Join(dir, "journal.db"), sqlite.Options{Now: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler)}); err != nil {
		rt.Fatal(err)
	}
	if _, err := p.journal.Append(t.Context(), records...); err != nil {
		rt.Fatal(err)
	}
	if p.updates, err = updatelog.Open(t.Context(), filepath.Join(dir, "state.db")); err != nil {
		rt.Fatal(err)
	}
	return p
}

func (p *place) close(rt fataler) {
	if err := p.updates.Close(); err != nil {
		rt.Fatal(err)
	}
	if err := p.journal.Close(); err != nil {
		rt.Fatal(err)
	}
}

// fold folds the journal from its beginning.
func (p *place) fold(t *testing.T, rt fataler) (*tracker.Tracker, []incident.Update) {
	entries, err := p.journal.Read(t.Context(), 0, 1_000_000)
	if err != nil {
		rt.Fatal(err)
	}
	tr := tracker.New(settings())
	var updates []incident.Update
	for _, e := range entries {
		ev, is, err := incident.EventOf(e)
		if err != nil {
			rt.Fatal(err)
		}
		if is {
			updates = append(updates, tr.Apply(ev)...)
		}
	}
	return tr, updates
}

// asJSON is a value to be compared.
func asJSON(rt fataler, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		rt.Fatal(err)
	}
	return string(b)
}

// record1 is what must stay: incidents with their milestones and evidence, intervals,
// alerts.
func record1(rt fataler, tr *tracker.Tracker) string {
	var all []any
	for _, in := range tr.Incidents() {
		c, _ := tr.Course(in.ID)
		all = append(all, in, settings().Plan.Intervals(c))
	}
	return asJSON(rt, append(all, tr.Alerts()))
}

// drawCourse makes up weeks of two units and a stranger.
func drawCourse(rt *rapid.T) []journal.Record {
	var out []journal.Record
	minutes := 0.0
	incidents := []string{}
	statuses := []devices.Status{devices.StatusAcknowledged, devices.StatusEnRoute, devices.StatusOnScene, devices.StatusOnScene, devices.StatusInProgress, devices.StatusCompleted, devices.StatusAvailable}
	steps := []float64{0.2, 0.5, 1, 1, 3, 20, 120, 700, 1300, 3000, 5000, 9000}
	for i := range rapid.IntRange(20, 160).Draw(rt, "events") {
		minutes += rapid.SampledFrom(steps).Draw(rt, "minutes")
		d := rapid.SampledFrom([]devices.Identity{"fleetsync:102-1001", "nexedge:00103", "aprs:YB1ZZZ-9"}).Draw(rt, "device")
		unit := map[devices.Identity]string{"fleetsync:102-1001": "damkar-1", "nexedge:00103": "psc-1"}[d]
		late := rapid.SampledFrom([]float64{0, 0, 0, 0, 0, 0.3, 2, 90, 1500, 4000}).Draw(rt, "late")
		what := rapid.IntRange(0, 44).Draw(rt, "what")
		if what > 13 || what > 0 && len(incidents) == 0 {
			r := fix(d, minutes, late, rapid.SampledFrom([]float64{0, 20, 95, 130, 300, 3000, 90_000}).Draw(rt, "metres"))
			r.ID = fmt.Sprint("f", i)
			out = append(out, report(r))
			continue
		}
		if what <= 1 {
			id := fmt.Sprint("i", i)
			incidents = append(incidents, id)
			out = append(out, opened(id, minutes))
			continue
		}
		a := incident.Act{ID: fmt.Sprint("a", i), Incident: rapid.SampledFrom(incidents).Draw(rt, "incident"), Units: []string{unit}}
		switch what {
		case 2, 3, 4:
			a.Kind = incident.ActDispatch
		case 5:
			a.Kind = incident.ActRelease
		case 6, 7, 11, 12, 13:
			a.Kind = rapid.SampledFrom([]incident.ActKind{incident.ActClose, incident.ActClose, incident.ActClose, incident.ActCancel, incident.ActReopen}).Draw(rt, "act")
		case 8:
			a.Kind, a.Into = incident.ActMerge, rapid.SampledFrom(incidents).Draw(rt, "into")
		default:
			r := fix(d, minutes, late, rapid.SampledFrom([]float64{0, 95, 3000}).Draw(rt, "metres"))
			r.ID, r.Kind, r.Status = fmt.Sprint("k", i), devices.KindStatus, rapid.SampledFrom(statuses).Draw(rt, "status")
			if what == 10 {
				r.Fix = nil
			}
			out = append(out, report(r))
			continue
		}
		out = append(out, act(a, minutes))
	}
	return out
}

// TestForgottenFixesChangeNoRecord: whatever happened, a journal without the places that
// no incident needs gives the same incidents, milestones, evidence and intervals when it
// is folded from its beginning, and the same updates, but for those places, under the
// same numbers, as the update log has them by then. Done twice it is the same.
func TestForgottenFixesChangeNoRecord(t *testing.T) {
	t.Parallel()
	total := 0
	rapid.Check(t, func(rt *rapid.T) {
		records := drawCourse(rt)
		p := newPlace(t, rt, records)
		defer p.close(rt)
		tr, updates := p.fold(t, rt)
		before := record1(rt, tr)
		if err := p.updates.Append(t.Context(), updates); err != nil {
			rt.Fatal(err)
		}
		cutoff := at(rapid.Float64Range(0, 200_000).Draw(rt, "cutoff"))
		n, err := erasure.Fixes(t.Context(), p.journal, p.updates, settings().Roster, cutoff)
		if err != nil {
			rt.Fatal(err)
		}
		total += n
		tr, updates = p.fold(t, rt)
		if after := record1(rt, tr); after != before {
			rt.Fatalf("%d forgotten, and the record is\n%s\nnot\n%s", n, after, before)
		}
		have, err := p.updates.Read(t.Context(), 0, 1_000_000)
		if err != nil {
			rt.Fatal(err)
		}
		if got, want := asJSON(rt, updates), asJSON(rt, have); got != want && len(updates) > 0 {
			rt.Fatalf("%d forgotten, and folding gives\n%s\nnot\n%s", n, got, want)
		}
		if again, err := erasure.Fixes(t.Context(), p.journal, p.updates, settings().Roster, cutoff); err != nil || again != 0 {
			rt.Fatalf("%d forgotten again, %v", again, err)
		}
	})
	if total == 0 {
		t.Error("nothing was ever forgotten")
	}
	t.Logf("%d fixes forgotten", total)
}

// TestWhatIsForgotten: number, id, kind and times of an entry stay and it is known as a
// duplicate; its place is in none of the files any more.
func TestWhatIsForgotten(t *testing.T) {
	t.Parallel()
	const phone = "fleetsync:102-1001"
	var records []journal.Record
	for n := range 50 {
		r := fix(phone, float64(n), 0, float64(n))
		r.Raw = fmt.Appendf(nil, "RAHASIA %d.", n)
		records = append(records, report(r))
	}
	p := newPlace(t, t, records)
	defer p.close(t)
	_, updates := p.fold(t, t)
	for i := range updates {
		updates[i].Text = fmt.Sprintf("RAHASIA %d.", i) // to be looked for; nothing else of a fix is text
	}
	if err := p.updates.Append(t.Context(), updates); err != nil {
		t.Fatal(err)
	}
	if n, err := erasure.Fixes(t.Context(), p.journal, p.updates, settings().Roster, at(20)); err != nil || n != 20 {
		t.Fatalf("%d forgotten, %v", n, err)
	}
	entries, err := p.journal.Read(t.Context(), 0, 100)
	if err != nil || len(entries) != 50 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	for i, e := range entries {
		if e.Seq != uint64(i+1) || e.ID != records[i].ID || e.Kind != journal.KindReport || !e.At.Equal(records[i].At) {
			t.Errorf("entry %d is %+v", i+1, e)
		}
	}
	results, err := p.journal.Append(t.Context(), records[3])
	if err != nil || !results[0].Duplicate || results[0].Seq != 4 {
		t.Errorf("%+v, %v", results, err)
	}
	for _, file := range []string{"journal.db", "journal.db-wal", "state.db", "state.db-wal"} {
		text, err := os.ReadFile(filepath.Join(p.dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for n := range 20 {
			old := asJSON(t, updates[n].Fix.Point)
			if strings.Contains(string(text), asJSON(t, fmt.Appendf(nil, "RAHASIA %d.", n))) || strings.Contains(string(text), old) && n > 0 {
				t.Fatalf("%s still says where the unit was in minute %d", file, n)
			}
		}
	}
}
