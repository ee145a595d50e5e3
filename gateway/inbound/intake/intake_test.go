package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/devices/protocol/kenwood"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/geo"
)

var start = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

func open(t *testing.T, place string) *sqlite.Journal {
	t.Helper()
	j, err := sqlite.Open(t.Context(), filepath.Join(place, "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func newIntake(j intake.Journal) *intake.Intake {
	return intake.New(j, intake.Options{
		Codebook: devices.DefaultCodebook(), Now: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler),
	})
}

// heard is a FleetSync key pressed so many milliseconds in, on a link.
func heard(link string, ms int) intake.Heard {
	r, err := kenwood.NewDecoder().Decode([]byte("$PKLID,00,100,1001,13,00,*69"))
	r.ReceivedAt = start.Add(time.Duration(ms) * time.Millisecond)
	return intake.Heard{Frame: devices.Frame{Raw: []byte("$PKLID,00,100,1001,13,00,*69"), Report: r, Err: err}, Link: link}
}

func kinds(t *testing.T, j *sqlite.Journal) map[journal.Kind]int {
	t.Helper()
	entries, err := j.Read(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	out := map[journal.Kind]int{}
	for _, e := range entries {
		out[e.Kind]++
	}
	return out
}

func TestOneBurstTwoBaseStations(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir())
	in := newIntake(j)
	for _, h := range []intake.Heard{heard("ciremai", 0), heard("kota", 120), heard("ciremai", 900)} {
		if err := in.Take(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	got := kinds(t, j)
	if got[journal.KindReport] != 1 || got[journal.KindHearing] != 1 {
		t.Fatalf("%v", got)
	}
	if l := in.Total(); l.Stored != 1 || l.Duplicates != 2 || !l.Balanced() {
		t.Fatalf("%+v", l)
	}
}

func TestPressedAgainIsANewReport(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir())
	in := newIntake(j)
	// The window is counted from the first sight and does not slide.
	for _, ms := range []int{0, 1500, 2500, 60_000} {
		if err := in.Take(t.Context(), heard("ciremai", ms)); err != nil {
			t.Fatal(err)
		}
	}
	if got := kinds(t, j); got[journal.KindReport] != 3 {
		t.Fatalf("%v", got)
	}
}

func TestStuckClockDoesNotHideAPress(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir())
	in := newIntake(j)
	for _, s := range []int{0, 600} {
		r := devices.Report{
			Protocol: devices.Kenwood, Device: "fleetsync:100-1001", Kind: devices.KindPosition, StatusCode: "13",
			DeviceTime: start, ReceivedAt: start.Add(time.Duration(s) * time.Second),
			Fix: &geo.Fix{Point: orb.Point{108, -6.8}, NoLock: true, Time: start},
		}
		if err := in.Take(t.Context(), intake.Heard{Frame: devices.Frame{Raw: []byte("the same bytes"), Report: r}, Link: "roof"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := kinds(t, j); got[journal.KindReport] != 2 {
		t.Fatalf("a receiver without satellites hid a pressed key: %v", got)
	}
}

func TestRedeliveryAfterARestartIsKnown(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	j := open(t, place)
	m := intake.Heard{Frame: devices.Frame{Raw: []byte(`{"status":"on_scene"}`), Report: devices.Report{
		Protocol: devices.FieldJSON, Device: "field:a", Status: devices.StatusOnScene, ReceivedAt: start, Delivery: "mqtt:a/7",
	}}, Link: "mqtt"}
	if err := newIntake(j).Take(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, place)
	in := newIntake(j)
	if err := in.Recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.Redelivered, m.Report.ReceivedAt = true, start.Add(time.Hour)
	if err := in.Take(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := kinds(t, j); got[journal.KindReport] != 1 {
		t.Fatalf("%v", got)
	}
	m.Redelivered, m.Report.Delivery = false, "mqtt:a/8"
	if err := in.Take(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := kinds(t, j); got[journal.KindReport] != 2 {
		t.Fatalf("a new press was taken for the old one: %v", got)
	}
}

func TestRefusedFramesAreKeptRaw(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir())
	in := newIntake(j)
	bad := intake.Heard{Frame: devices.Frame{Raw: []byte("garbage"), Err: errors.New("no frame")}, Link: "roof"}
	nan := intake.Heard{Frame: devices.Frame{Raw: []byte("nan"), Report: devices.Report{
		Device: "field:a", ReceivedAt: start, Fix: &geo.Fix{Point: orb.Point{math.NaN(), 1}},
	}}, Link: "roof"}
	if err := in.Take(t.Context(), bad, nan); err != nil {
		t.Fatal(err)
	}
	entries, err := j.Read(t.Context(), 0, 10)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	var u journal.Unparsed
	if err := json.Unmarshal(entries[0].Body, &u); err != nil || string(u.Raw) != "garbage" || u.Reason != "no frame" || u.Link != "roof" {
		t.Fatalf("%+v, %v", u, err)
	}
	if l := in.Ledger("roof"); l.SetAside != 2 || l.Received != 2 || !l.Balanced() {
		t.Fatalf("%+v", l)
	}
}

func TestFloodOfGarbageIsShedAndCounted(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir())
	in := newIntake(j)
	const flood = 500
	for i := range flood {
		h := intake.Heard{Frame: devices.Frame{Raw: fmt.Appendf(nil, "x%d", i), Err: errors.New("noise")}, Link: "roof"}
		if err := in.Take(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	if l := in.Ledger("roof"); l.Received != flood || l.SetAside+l.Shed != flood || l.SetAside > 100 || !l.Balanced() {
		t.Fatalf("%+v", l)
	}
}

// broken is a journal whose disk is full a number of times.
type broken struct {
	*sqlite.Journal
	times int
}

func (b *broken) Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error) {
	if b.times--; b.times >= 0 {
		return nil, journal.ErrNoSpace
	}
	return b.Journal.Append(ctx, records...)
}

func TestAfterAFullDiskTheSameReportIsStoredOnce(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir())
	in := newIntake(&broken{Journal: j, times: 1})
	first := heard("ciremai", 0)
	if err := in.Take(t.Context(), first); !errors.Is(err, journal.ErrNoSpace) {
		t.Fatalf("%v", err)
	}
	// The other base station's copy comes while the first one waits to be tried again.
	if err := in.Take(t.Context(), heard("kota", 100)); err != nil {
		t.Fatal(err)
	}
	if err := in.Take(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if got := kinds(t, j); got[journal.KindReport] != 1 || got[journal.KindHearing] != 1 {
		t.Fatalf("%v", got)
	}
	if l := in.Total(); !l.Balanced() || l.Stored != 1 {
		t.Fatalf("%+v", l)
	}
}

// overtaken is a journal whose first append comes to the disk after the second.
type overtaken struct {
	*sqlite.Journal
	turn          atomic.Int32
	waits, second chan struct{}
}

func (o *overtaken) Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error) {
	if o.turn.Add(1) == 1 {
		close(o.waits)
		<-o.second
		return o.Journal.Append(ctx, records...)
	}
	defer close(o.second)
	return o.Journal.Append(ctx, records...)
}

// TestSecondHearingOvertakes: the record of who hears second comes to the disk first.
// The report is as the first link heard it, and both hearings are kept.
func TestSecondHearingOvertakes(t *testing.T) {
	t.Parallel()
	j := &overtaken{Journal: open(t, t.TempDir()), waits: make(chan struct{}), second: make(chan struct{})}
	in := newIntake(j)
	first := make(chan error, 1)
	go func() { first <- in.Take(t.Context(), heard("hill", 0)) }()
	<-j.waits
	if err := in.Take(t.Context(), heard("roof", 3)); err != nil {
		t.Fatal(err)
	}
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	entries, err := j.Read(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var links []string
	for _, e := range entries {
		var h struct {
			Link       string
			ReceivedAt time.Time `json:"received_at"`
		}
		if err := json.Unmarshal(e.Body, &h); err != nil {
			t.Fatal(err)
		}
		links = append(links, fmt.Sprint(e.Kind, " ", h.Link, " ", h.ReceivedAt.Sub(start)))
	}
	if got := strings.Join(links, ", "); got != "report hill 0s, hearing roof 3ms" {
		t.Errorf("%s", got)
	}
	if l := in.Total(); l.Received != 2 || l.Stored != 1 || l.Duplicates != 1 {
		t.Errorf("%+v", l)
	}
}
