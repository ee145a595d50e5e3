package measures

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/kenwood"
	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/sitetest"
)

// recoveryEntries is how long the journal is that a gateway takes up; a million with
// `make recovery`.
var recoveryEntries = flag.Int("recovery", 12_000, "entries of the journal from which a gateway recovers")

const recoveryUnits = 100

// callerKept begins the name of who called about each incident of the long journal.
const callerKept = "Pak Dedi Jatiwangi"

// longJournal writes the journal of a county whose hundred units gave their place and
// pressed their keys, as the radio's decoder read them, and of the incidents they were
// sent to. The oldest entry is as many seconds old as there are entries per ten.
func longJournal(t *testing.T, dir string, entries int) (opened []string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	j, err := sqlite.Open(t.Context(), filepath.Join(dir, datadir.Journal), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var batch []journal.Record
	flush := func(least int) {
		if len(batch) < least {
			return
		}
		if _, err := j.Append(t.Context(), batch...); err != nil {
			t.Fatal(err)
		}
		batch = batch[:0]
	}
	add := func(kind journal.Kind, id string, at time.Time, body any) {
		rec, err := journal.NewRecord(kind, id, at, body)
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, rec)
		flush(2000)
	}
	keys := []struct {
		code   string
		status devices.Status
	}{{"12", devices.StatusEnRoute}, {"13", devices.StatusOnScene}, {"14", devices.StatusInProgress}, {"16", devices.StatusCompleted}}
	start := time.Now().UTC().Truncate(time.Second).Add(-time.Duration(entries/10) * time.Second)
	for n := range entries {
		at := start.Add(time.Duration(n) * 100 * time.Millisecond)
		unit := n % recoveryUnits
		round := n / recoveryUnits
		act := func(a incident.Act) {
			a.Incident, a.By, a.At = fmt.Sprintf("i%d-%d", unit, round/400), "siti", at
			a.ID = fmt.Sprintf("a-%s-%s", a.Kind, a.Incident)
			if a.Kind == incident.ActOpen {
				opened = append(opened, a.Incident)
			}
			add(journal.KindAct, a.ID, at, a)
		}
		key := -1
		switch step := round % 400; {
		case unit%5 != 0: // four in five units are on patrol
		case step == 3:
			act(incident.Act{Kind: incident.ActOpen, Opening: &incident.Opening{
				Number: fmt.Sprintf("%d/%d", unit, round/400), Category: "fire", Caller: fmt.Sprintf("%s %d-%d", callerKept, unit, round), ReceivedAt: at,
				Location: &incident.Location{Lat: -6.8364, Lon: 108.2274},
			}})
			continue
		case step == 5:
			act(incident.Act{Kind: incident.ActDispatch, Units: []string{fmt.Sprintf("u%d", unit)}})
			continue
		case step == 390:
			act(incident.Act{Kind: incident.ActClose})
			continue
		case step%90 == 10:
			key = step / 90 % len(keys)
		}
		code := "80"
		if key >= 0 {
			code = keys[key].code
		}
		raw := []byte(strings.TrimSpace(sitetest.Sentence(fmt.Sprintf("PKLDS,%s,A,06%07.4f,S,10813.6740,E,023.3,194.9,%s,00.00,E00,100,%d,%s,00,",
			at.Format("150405"), 50+float64(round%1000)/1000, at.Format("020106"), 1000+unit, code))))
		r, err := kenwood.NewDecoder().Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		if r.Link, r.Raw, r.ReceivedAt, r.Assurance = "roof", raw, at.Add(300*time.Millisecond), devices.AssuranceClaimed; key >= 0 {
			r.Status = keys[key].status
		}
		r.ID = journal.Digest(string(raw), at.String())
		add(journal.KindReport, r.ID, r.ReceivedAt, r)
	}
	flush(1)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return opened
}

// pictureOf is what a page shows, without what changes with the time of day.
func pictureOf(s *sitetest.Site, incidents []string) string {
	s.T.Helper()
	var b bytes.Buffer
	ask := func(path string, answer any) {
		s.Get(path, answer)
		if err := json.NewEncoder(&b).Encode(answer); err != nil {
			s.T.Fatal(err)
		}
	}
	type milestone struct {
		Name, Unit, Evidence, Report, Verdict string
		At                                    time.Time
	}
	for _, id := range []string{incidents[0], incidents[len(incidents)/2], incidents[len(incidents)-1]} {
		var in struct {
			ID, Number, Caller, Status string
			Milestones                 []milestone
		}
		ask("/incidents/"+id, &in)
	}
	var units struct {
		Features []struct {
			Properties struct {
				ID, Status, Incident string
				StatusAt             time.Time `json:"status_at"`
			}
			Geometry struct{ Coordinates []float64 }
		}
	}
	ask("/units", &units)
	return b.String()
}

// timeToReady starts the gateway and returns how long it took to be ready, up to 0.3 s more
// than it was: so often it is asked.
func timeToReady(s *sitetest.Site) time.Duration {
	s.T.Helper()
	sitetest.Binary(s.T) // building it is not timed
	began := time.Now()
	<-s.Begin("msg=serving")
	s.ReadyWithin(5 * time.Minute)
	return time.Since(began)
}

// TestRecovery starts gateways on a long journal: without a kept state, with one, with
// one after a kill, and with one that is damaged. All show the same. An erased caller
// is in no kept state.
func TestRecovery(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	for i := range recoveryUnits {
		s.AddUnit(fmt.Sprintf("{id: u%d, call_sign: U %d, agency: Damkar, devices: [\"fleetsync:100-%d\"]}", i, i, 1000+i))
	}
	data := filepath.Join(s.Dir, "data")
	incidents := longJournal(t, data, *recoveryEntries)
	kept := filepath.Join(data, datadir.Checkpoint)

	scratch := timeToReady(s)
	want := pictureOf(s, incidents)
	s.Stop()
	if _, err := os.Stat(kept); err != nil {
		t.Fatalf("nothing kept at the end: %v\n%s", err, s.Log)
	}
	again := func(how, sign string) time.Duration {
		t.Helper()
		took := timeToReady(s)
		if got := pictureOf(s, incidents); got != want {
			t.Errorf("%s, the page shows\n%s\nnot\n%s", how, got, want)
		}
		if !strings.Contains(s.Log.String(), sign) {
			t.Errorf("%s: the log has no %q:\n%s", how, sign, s.Log)
		}
		return took
	}
	resumed := again("resumed", "kept state taken up")
	s.Kill()
	killed := again("resumed after a kill", "kept state taken up")
	s.Stop()

	b, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(callerKept)) {
		t.Error("the state does not hold the callers: the test of erasing them proves nothing")
	}
	b[len(b)/2] ^= 0x10
	if err := os.WriteFile(kept, b, 0o600); err != nil {
		t.Fatal(err)
	}
	again("with a damaged state", "folded from its beginning")
	folded := regexp.MustCompile(`msg="journal folded" entries=(\d+) took=(\S+)`).FindStringSubmatch(s.Log.String())
	if folded == nil {
		t.Fatalf("the gateway does not say how long it folded:\n%s", s.Log)
	}
	took, err := time.ParseDuration(folded[2])
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	t.Logf("journal of %d entries: the first start, which writes all updates and points, is ready after %v, from the kept state after %v, after a kill %v; the state is %d bytes; from its beginning the tracker folds %s entries in %v, %.0f/s",
		*recoveryEntries, scratch.Round(time.Millisecond), resumed.Round(time.Millisecond), killed.Round(time.Millisecond), len(b), folded[1], took, float64(*recoveryEntries)/took.Seconds())

	// While it runs, and while it does not, the state may stand, without who was erased.
	callers := func() int {
		b, err := os.ReadFile(kept)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return bytes.Count(b, []byte(callerKept))
	}
	before := callers()
	timeToReady(s)
	s.Post("/incidents/"+incidents[0]+"/erase", map[string]string{"reason": "permintaan pelapor"}, nil)
	s.Stop()
	if now := callers(); before < 2 || now >= before {
		t.Errorf("the state names %d callers after an erasure while the gateway ran, %d before", now, before)
	}
	began := time.Now()
	var out bytes.Buffer
	if code := sitetest.Run(t.Context(), t, []string{"rebuild", "--config", filepath.Join(s.Dir, "htgateway.yaml")}, nil, &out, &out); code != sitetest.ExitDone {
		t.Fatalf("exit %d: %s", code, out.String())
	}
	t.Logf("rebuilt updates and series of %d entries in %v", *recoveryEntries, time.Since(began).Round(time.Millisecond))
	if before = callers(); before == 0 {
		t.Error("nothing kept by the rebuilding")
	}
	if code := sitetest.Run(t.Context(), t, []string{"erase", "--caller", incidents[1], "--by", "Siti", "--reason", "permintaan", "--config", filepath.Join(s.Dir, "htgateway.yaml")}, nil, &out, &out); code != sitetest.ExitDone {
		t.Fatalf("exit %d: %s", code, out.String())
	}
	if now := callers(); now >= before {
		t.Errorf("the state names %d callers after an erasure while the gateway did not run, %d before", now, before)
	}
}
