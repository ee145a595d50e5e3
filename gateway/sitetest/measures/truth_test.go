package measures

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	orbgeo "github.com/paulmach/orb/geo"

	"htgateway/devices"
	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/gateway/simulation"
	"htgateway/gateway/sitetest"
)

var (
	truthFor   = flag.Duration("truth", 0, "play the county for so long and hold its arrivals to the whole bar; it takes some 18m for 500")
	truthSpeed = flag.Float64("truth.speed", 120, "how much faster than real time")
	truthSkew  = flag.Duration("truth.skew", 5*time.Minute, "how far the devices' clocks are off at most")
)

// What is asked of the arrivals of a county that loses a fifth of its bursts.
const (
	truthLoss    = 0.2
	closeTo      = 45 * time.Second
	closeShare   = 0.95
	farFromTruth = 3 * time.Minute
)

// arrival is one that really was, and what the record says of it.
type arrival struct {
	simulation.Happened
	recorded *incident.Milestone // nil when it has none
	off      time.Duration       // recorded minus true
	marked   string              // why nobody takes it for certain, empty when nothing says so
	heard    int                 // fixes that were received from the place while it stood there
}

func (a arrival) String() string {
	if a.recorded == nil {
		return fmt.Sprintf("%s on %s at %s: not recorded, %d fixes heard there", a.Unit, a.Incident, a.At.Format(time.TimeOnly), a.heard)
	}
	m := a.recorded
	return fmt.Sprintf("%s on %s at %s: %+.0f s by %s, %s, %s clock, confidence %.1f, marked: %s; %d fixes heard there", a.Unit, a.Incident,
		a.At.Format(time.TimeOnly), a.off.Seconds(), m.Evidence, m.Verdict, m.Clock, m.Confidence, a.marked, a.heard)
}

// truthFigures are what the bar is about.
type truthFigures struct {
	arrivals, close                    int
	missing, missingHeard, farUnmarked []arrival
	away                               []arrival // all that are not close
}

func (f truthFigures) share() float64 { return float64(f.close) / float64(max(1, f.arrivals)) }

// playTruth runs a demo with an imperfect world and returns its arrivals. Those of the
// last ten minutes are left out: what was heard of them may be under way still.
func playTruth(t testing.TB, duration time.Duration, seed int) []arrival {
	t.Helper()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "truth.jsonl")
	var said bytes.Buffer
	code := sitetest.Run(t.Context(), t, []string{
		"demo", "--http", "127.0.0.1:0", "--data", dir, "--duration", duration.String(), "--speed", strconv.FormatFloat(*truthSpeed, 'f', -1, 64),
		"--seed", strconv.Itoa(seed), "--loss", strconv.FormatFloat(truthLoss, 'f', -1, 64), "--skew", truthSkew.String(), "--truth", file,
	}, nil, io.Discard, &said)
	if code != sitetest.ExitDone {
		t.Fatalf("exit %d: %s", code, said.String())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return judgeTruth(t, dir, text)
}

// judgeTruth sets what a site's journal tells beside what happened.
func judgeTruth(t testing.TB, dir string, truth []byte) []arrival {
	t.Helper()
	c, err := config.Load(filepath.Join(dir, datadir.Configuration))
	if err != nil {
		t.Fatal(err)
	}
	j, err := datadir.Of(c).ReadJournal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	enrolled, err := j.OfKind(t.Context(), journal.KindEnrolment)
	if err != nil {
		t.Fatal(err)
	}
	settings := c.TrackerSettings()
	if settings.Roster, err = enrolment.InitialUnits(settings.Roster, enrolled); err != nil {
		t.Fatal(err)
	}
	tr := tracker.New(settings)
	var fixes []*devices.Report
	var end time.Time
	for e, err := range j.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ev, is, err := incident.EventOf(e)
		if err != nil {
			t.Fatal(err)
		}
		if !is {
			continue
		}
		tr.Apply(ev)
		if r := ev.Report; r != nil && r.Fix != nil && !r.Fix.NoLock {
			fixes = append(fixes, r)
		}
		if e.At.After(end) {
			end = e.At
		}
	}
	owners := ownersOf(t, c.Units, enrolled)
	happened := map[string]simulation.Happened{}
	var out []arrival
	for line := range strings.Lines(string(truth)) {
		var h simulation.Happened
		if err := json.Unmarshal([]byte(line), &h); err != nil {
			t.Fatal(err)
		}
		happened[h.Incident+" "+h.Unit+" "+h.Milestone] = h
		if h.Milestone == string(incident.OnScene) && h.At.Before(end.Add(-10*time.Minute)) {
			out = append(out, arrival{Happened: h})
		}
	}
	for i := range out {
		a := &out[i]
		in := surviving(tr, a.Incident)
		for k := range in.Milestones {
			if m := &in.Milestones[k]; m.Name == incident.OnScene && m.Unit == a.Unit {
				a.recorded, a.off = m, m.At.Sub(a.At)
			}
		}
		a.marked = markOf(tr, in.ID, a)
		until := end
		if done, is := happened[a.Incident+" "+a.Unit+" "+string(incident.Completed)]; is {
			until = done.At
		}
		for _, r := range fixes {
			if r.ReceivedAt.After(a.At) && r.ReceivedAt.Before(until) && owners(r.Device, r.ReceivedAt) == a.Unit && in.Location != nil &&
				orbgeo.Distance(r.Fix.Point, in.Location.Point()) <= 100 {
				a.heard++
			}
		}
	}
	return out
}

// surviving is the incident, or the one that it was merged into.
func surviving(tr *tracker.Tracker, id string) incident.Incident {
	in, _ := tr.Incident(id)
	for range 10 {
		if in.MergedInto == "" {
			break
		}
		in, _ = tr.Incident(in.MergedInto)
	}
	return in
}

// markOf is what warns of a recorded arrival: its verdict, its confidence, an alert.
func markOf(tr *tracker.Tracker, id string, a *arrival) string {
	if a.recorded != nil && (a.recorded.Verdict == incident.Conflict || a.recorded.Confidence <= 0.5) {
		return fmt.Sprintf("%s %.1f", a.recorded.Verdict, a.recorded.Confidence)
	}
	for _, alert := range tr.Alerts() {
		if alert.Unit == a.Unit && alert.Incident == id && alert.Kind != "emergency" {
			return "alert " + alert.Kind
		}
	}
	return ""
}

// ownersOf says which unit a device spoke for at a time.
func ownersOf(t testing.TB, units []incident.Unit, enrolled []journal.Entry) func(d devices.Identity, at time.Time) string {
	t.Helper()
	var acts []enrolment.Act
	for _, e := range enrolled {
		var a enrolment.Act
		if err := json.Unmarshal(e.Body, &a); err != nil {
			t.Fatal(err)
		}
		acts = append(acts, a)
	}
	slices.SortStableFunc(acts, func(a, b enrolment.Act) int { return a.At.Compare(b.At) })
	return func(d devices.Identity, at time.Time) (owner string) {
		for _, u := range units {
			if slices.Contains(u.Devices, d) {
				owner = u.ID
			}
		}
		for _, a := range acts {
			switch {
			case a.At.After(at) || a.Device != d:
			case a.Kind == enrolment.Bind:
				owner = a.Unit
			case a.Kind == enrolment.Release && owner == a.Unit:
				owner = ""
			}
		}
		return owner
	}
}

func figuresOf(arrivals []arrival) (f truthFigures) {
	f.arrivals = len(arrivals)
	for _, a := range arrivals {
		switch {
		case a.recorded == nil:
			f.missing = append(f.missing, a)
			if a.heard > 0 {
				f.missingHeard = append(f.missingHeard, a)
			}
		case a.off.Abs() <= closeTo:
			f.close++
			continue
		case a.off.Abs() > farFromTruth && a.marked == "":
			f.farUnmarked = append(f.farUnmarked, a)
		}
		f.away = append(f.away, a)
	}
	return f
}

// TestTruth plays a county that loses a fifth of its bursts, with several devices a unit,
// merged calls, exchanged radios and keys pressed late, never or wrongly, and holds the
// record to what really happened. With -truth=20m it asks, of over 500 arrivals, all that
// is asked of the product; the short form says the figure and asks that the county plays
// and that the most is recorded.
func TestTruth(t *testing.T) {
	duration := *truthFor
	if duration == 0 {
		duration = 15 * time.Second
	}
	f := figuresOf(playTruth(t, duration, 112))
	t.Logf("%d arrivals: %.1f %% within %s of the truth, %d missing (%d of them heard at the scene), %d over %s off and unmarked",
		f.arrivals, 100*f.share(), closeTo, len(f.missing), len(f.missingHeard), len(f.farUnmarked), farFromTruth)
	for _, a := range f.away {
		t.Log(a)
	}
	if *truthFor == 0 {
		if f.arrivals < 3 || len(f.missing) > f.arrivals/2 {
			t.Errorf("%d arrivals, %d missing", f.arrivals, len(f.missing))
		}
		return
	}
	if f.arrivals < 500 {
		t.Errorf("only %d arrivals", f.arrivals)
	}
	if f.share() < closeShare {
		t.Errorf("%.1f %% are within %s of the truth, %.0f %% are asked", 100*f.share(), closeTo, 100*closeShare)
	}
	for _, a := range f.farUnmarked {
		t.Errorf("far from the truth and unmarked: %s", a)
	}
	for _, a := range f.missingHeard {
		t.Errorf("missing though it was heard: %s", a)
	}
}

// BenchmarkTruth is the share of arrivals that are recorded within 45 s of the truth, in
// per cent, beside the 95 that are asked.
func BenchmarkTruth(b *testing.B) {
	duration := *truthFor
	if duration == 0 {
		duration = 2 * time.Minute
	}
	var all []arrival
	for i := range b.N {
		all = append(all, playTruth(b, duration, 112+i)...)
	}
	f := figuresOf(all)
	b.ReportMetric(max(0.01, 100*f.share()), "ours")
	b.ReportMetric(100*closeShare, "theirs")
	b.ReportMetric(float64(f.arrivals), "arrivals")
	b.ReportMetric(float64(len(f.missingHeard)), "missing_though_heard")
	b.ReportMetric(float64(len(f.farUnmarked)), "far_and_unmarked")
}
