package link

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"htgateway/configs"
	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/devices/account/password"
	"htgateway/devices/devicestest"
	"htgateway/devices/protocol"
	"htgateway/devices/protocol/owntracks"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/fold"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
	"htgateway/geo/places"
)

// counter is what stands behind every link: intake, journal, tracker and desk.
type counter struct {
	j    *sqlite.Journal
	in   *intake.Intake
	desk *desk.Desk
	seen uint64
}

func newCounter(f *testing.F) *counter {
	f.Helper()
	must := func(err error) {
		f.Helper()
		if err != nil {
			f.Fatal(err)
		}
	}
	dir, log := f.TempDir(), slog.New(slog.DiscardHandler)
	j, err := sqlite.Open(f.Context(), filepath.Join(dir, "journal.db"), sqlite.Options{Now: time.Now, Log: log})
	must(err)
	updates, err := updatelog.Open(f.Context(), filepath.Join(dir, "state.db"))
	must(err)
	gazetteer, err := places.Load(bytes.NewReader(configs.Places))
	must(err)
	settings := incident.Settings{Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule()}
	must(fold.Prepare(f.Context(), updates, settings))
	tracker := fold.New(j, updates, settings, log)
	ended := make(chan error, 1)
	ctx := f.Context()
	go func() { ended <- tracker.Run(ctx) }()
	f.Cleanup(func() {
		if err := <-ended; err != nil {
			f.Error(err)
		}
		_, _ = updates.Close(), j.Close()
	})
	return &counter{
		j: j, in: intake.New(j, intake.Options{Codebook: devices.DefaultCodebook(), Now: time.Now, Log: log}),
		desk: desk.New(j, tracker, desk.Options{Plan: settings.Plan, Places: gazetteer, Now: time.Now, Zone: time.UTC}),
	}
}

// filed reads what the journal was given since the last look and holds it to what
// may stand there. It returns how many entries of each kind there are.
func (c *counter) filed(t *testing.T) map[journal.Kind]int {
	t.Helper()
	entries, err := c.j.Read(t.Context(), c.seen, 1000)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[journal.Kind]int{}
	for _, e := range entries {
		c.seen = e.Seq
		kinds[e.Kind]++
		switch e.Kind {
		case journal.KindReport:
			var r devices.Report
			if err := json.Unmarshal(e.Body, &r); err != nil {
				t.Fatalf("%s cannot be read: %v", e.Body, err)
			}
			if r.Fix != nil && geo.CheckPoint(r.Fix.Point) != nil {
				t.Fatalf("nowhere on earth: %s", e.Body)
			}
			if len(r.Device) > 300 || strings.ContainsFunc(string(r.Device), unicode.IsControl) {
				t.Fatalf("no name of a device: %q", r.Device)
			}
			if r.ID != e.ID || r.ReceivedAt.IsZero() {
				t.Fatalf("no identity: %s", e.Body)
			}
		case journal.KindAct:
			var a incident.Act
			if err := json.Unmarshal(e.Body, &a); err != nil {
				t.Fatalf("%s cannot be read: %v", e.Body, err)
			}
			if o := a.Opening; o != nil && o.Location != nil && o.Location.Check() != nil {
				t.Fatalf("nowhere on earth: %s", e.Body)
			}
		case journal.KindUnparsed:
			var u journal.Unparsed
			if err := json.Unmarshal(e.Body, &u); err != nil || u.Reason == "" || len(u.Raw) > intake.MaxRawBytes {
				t.Fatalf("set aside without a reason, or too much of it (%v): %s", err, e.Body)
			}
		}
	}
	if total := c.in.Total(); !total.Balanced() || total.Pending != 0 {
		t.Fatalf("the ledger does not balance: %+v", total)
	}
	return kinds
}

// requests are the desk's samples of what CADs send.
func requests(f *testing.F) []string {
	f.Helper()
	text, err := os.ReadFile("../desk/testdata/requests.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	var out []string
	for line := range bytes.Lines(text) {
		var c struct{ Request json.RawMessage }
		if err := json.Unmarshal(line, &c); err != nil {
			f.Fatal(err)
		}
		out = append(out, string(c.Request))
	}
	return out
}

// FuzzFolder: files that a CAD puts into the watched folder. Each is moved, with the
// reason beside it when it was refused, and opens nothing when it comes again.
func FuzzFolder(f *testing.F) {
	c, dir := newCounter(f), f.TempDir()
	folder := NewFolder(FolderSettings{ID: "cad", Path: dir, Now: time.Now, Log: slog.New(slog.DiscardHandler)}, c.in, c.desk)
	for _, r := range requests(f) {
		f.Add("a.json", r)
		f.Add("a.json", "["+r+","+r+"]")
	}
	f.Add("b.JSON", "\xef\xbb\xbf[]")
	f.Add(strings.Repeat("n", 250)+".json", "{}")
	f.Add("half.json", `{"category":"fire"`)
	f.Fuzz(func(t *testing.T, name, text string) {
		place := filepath.Join(dir, name)
		if filepath.Dir(place) != dir || strings.HasPrefix(name, ".") || !strings.EqualFold(filepath.Ext(name), ".json") {
			t.Skip("no file that is looked at")
		}
		var opened [2]int
		for n := range opened {
			if err := os.WriteFile(place, []byte(text), 0o600); err != nil {
				t.Skip("no name of a file")
			}
			old := time.Now().Add(-time.Hour)
			if err := os.Chtimes(place, old, old); err != nil {
				t.Fatal(err)
			}
			for range 2 { // a file is taken at the second look
				if err := folder.look(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := os.Stat(place); err == nil {
				t.Fatal("the file is still there")
			}
			opened[n] = c.filed(t)[journal.KindAct]
		}
		if opened[1] != 0 {
			t.Fatalf("%d acts, and %d when the file came again", opened[0], opened[1])
		}
		for _, sub := range []string{doneFolder, refusedFolder} {
			if err := os.RemoveAll(filepath.Join(dir, sub)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzMessages: what comes over MQTT, a CAD's incidents too. With a disk that takes
// it, every message is taken: a device cannot stop the others by what it sends.
func FuzzMessages(f *testing.F) {
	c := newCounter(f)
	m := NewMessages("mqtt", NewReaders(protocol.Keys{}), c.in, c.desk)
	for _, r := range requests(f) {
		f.Add(incidentsIn, []byte(r), byte(0))
	}
	f.Add("owntracks/andi/phone", []byte(fix+"}"), byte(1))
	f.Add("owntracks/andi/phone", []byte(`{"_type":"lwt","tst":1}`), byte(4))
	f.Add("htgateway/devices/keypad-1/report", []byte(`{"time":"2026-11-23T09:15:00Z","lat":-6.8365,"lon":108.2279,"status":"on_scene","seq":"a"}`), byte(8))
	f.Add("msh/ID/2/json/LongFast/!7d5a1c2e", []byte(`{"from":2103057454,"type":"text","payload":{"text":"x"},"id":5}`), byte(2))
	f.Fuzz(func(t *testing.T, topic string, payload []byte, flags byte) {
		// The broker's packets bound a topic and keep NUL out of it (MQTT 3.1.1, 1.5.3).
		if len(topic) > 1<<10 || strings.ContainsFunc(topic, unicode.IsControl) || strings.ContainsAny(topic, "+#") {
			t.Skip("no topic")
		}
		msg := devices.Message{
			Topic: topic, Payload: payload, ReceivedAt: time.Now().UTC(), Client: "c", PacketID: 7,
			Retained: flags&1 != 0, Redelivered: flags&2 != 0, Will: flags&4 != 0, Excess: flags&16 != 0,
		}
		if flags&8 != 0 {
			msg.Account = "andi"
		}
		m.Urgent(msg)
		if err := m.Take(t.Context(), msg); err != nil {
			t.Fatal(err)
		}
		c.filed(t)
	})
}

// FuzzPhones: what phones post on /pub.
func FuzzPhones(f *testing.F) {
	c := newCounter(f)
	p := NewPhones(owntracks.NewDecoder(nil), NewMailbox(time.Now), account.NewVerifier(time.Now), Parts{Intake: c.in, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	p.SetUsers(map[string]account.User{"andi": {Name: "andi", Hash: password.Hash([]byte("rahasia")), Role: account.Device}})
	for _, input := range devicestest.CorpusAt(f, "../../../devices/protocol/owntracks/testdata/corpus.txt") {
		f.Add("andi", "phone", false, input)
	}
	f.Add("", "", false, []byte(fix+`,"topic":"owntracks/andi/tablet"}`))
	f.Add("budi", "../budi/x", true, []byte(fix+"}"))
	f.Add("", "a\nb", true, []byte(fix+"}"))
	f.Fuzz(func(t *testing.T, user, device string, inQuery bool, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/pub", bytes.NewReader(body))
		r.SetBasicAuth("andi", "rahasia")
		if inQuery {
			q := r.URL.Query()
			q.Set("u", user)
			q.Set("d", device)
			r.URL.RawQuery = q.Encode()
		} else {
			r.Header["X-Limit-U"], r.Header["X-Limit-D"] = []string{user}, []string{device}
		}
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		var commands []json.RawMessage
		switch w.Code {
		case http.StatusOK:
			if err := json.Unmarshal(w.Body.Bytes(), &commands); err != nil {
				t.Fatal(err)
			}
		case http.StatusForbidden, http.StatusRequestEntityTooLarge:
			if strings.TrimSpace(w.Body.String()) == "" {
				t.Fatal("refused without a word")
			}
		default:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		c.filed(t)
	})
}

// FuzzPosts: what keypads report.
func FuzzPosts(f *testing.F) {
	c := newCounter(f)
	p := NewKeypads(Parts{Intake: c.in, Now: time.Now})
	for _, input := range devicestest.CorpusAt(f, "../../../devices/protocol/fieldjson/testdata/corpus.txt") {
		f.Add(input)
	}
	f.Add([]byte(`{"time":"0000-01-01T00:00:00+23:59","status":"available"}`))
	f.Add([]byte(`{"time":"9999-12-31T23:59:59-23:59","lat":1,"lon":1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		at := time.Now().UTC()
		refused, err := p.Take(t.Context(), "field:keypad-1", body, at)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := p.Take(t.Context(), "field:keypad-1", body, at); err != nil || fmt.Sprint(again) != fmt.Sprint(refused) {
			t.Fatalf("sent again: %v %v, not %v", again, err, refused)
		}
		if n := c.filed(t); n[journal.KindReport] > 1 || refused != nil && n[journal.KindReport] > 0 {
			t.Fatalf("%v of one report, refused: %v", n, refused)
		}
	})
}

// FuzzEdges: what edge sites deliver. What was delivered before adds no report.
func FuzzEdges(f *testing.F) {
	c := newCounter(f)
	now := time.Date(2026, 11, 23, 9, 20, 0, 0, time.UTC)
	e := NewEdges(c.in, account.NewVerifier(time.Now), func() time.Time { return now }, slog.New(slog.DiscardHandler))
	e.SetUsers(map[string]account.User{"ciremai": {Name: "ciremai", Hash: password.Hash([]byte("rahasia")), Role: account.Edge}})
	report := `{"id":"r1","protocol":"kenwood","kind":"status","device":"fleetsync:100-1001","link":"roof","received_at":"2026-11-23T09:15:00Z","status_code":"13"}`
	record := func(kind, body string) string {
		return `{"sent_at":"2026-11-23T09:15:00Z","clock_s":1.5,"waiting":3,"records":[{"id":"r1","kind":"` + kind + `","at":"2026-11-23T09:15:00Z","body":` + body + `}]}`
	}
	for _, text := range []string{
		`{}`, `{"records":[]}`, record("report", report), record("act", `{}`), record("report", `5`), record("report", `{"id":"r1"}`),
		record("hearing", `{"report":"r1","link":"roof","received_at":"2026-11-23T09:15:00Z"}`), record("link", `{"link":"roof","state":"up","at":"2026-11-23T09:15:00Z"}`),
		strings.Replace(record("report", report), `"clock_s":1.5`, `"clock_s":1e300`, 1),
		strings.ReplaceAll(record("report", report), "2026-11-23T09:15:00Z", "0000-01-01T00:00:00+23:59"),
		strings.ReplaceAll(record("report", report), "2026-11-23T09:15:00Z", "9999-12-31T23:59:59-23:59"),
		record("report", strings.Replace(report, `"status_code":"13"`, `"fix":{"point":[200,95]}`, 1)),
	} {
		f.Add([]byte(text), false)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(record("report", report)))
	_ = z.Close()
	f.Add(zipped.Bytes(), true)
	f.Fuzz(func(t *testing.T, body []byte, isZip bool) {
		deliver := func() int {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/edges/ciremai/records", bytes.NewReader(body))
			r.SetPathValue("site", "ciremai")
			r.SetBasicAuth("ciremai", "rahasia")
			if isZip {
				r.Header.Set("Content-Encoding", "gzip")
			}
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			var said map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || w.Code >= 500 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if detail, _ := said["detail"].(string); w.Code >= 400 && (detail == "" || w.Header().Get("Content-Type") != "application/problem+json") {
				t.Fatalf("%d says nothing: %s", w.Code, w.Body)
			}
			return w.Code
		}
		first := deliver()
		c.filed(t)
		if again := deliver(); again != first {
			t.Fatalf("delivered again: %d, not %d", again, first)
		}
		if n := c.filed(t)[journal.KindReport]; n > 0 {
			t.Fatalf("delivered again, %d more reports", n)
		}
		if _, err := json.Marshal(e.Site("ciremai").Status()); err != nil {
			t.Fatal(err)
		}
	})
}
