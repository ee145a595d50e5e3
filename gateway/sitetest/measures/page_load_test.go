package measures

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// pageLoad is how long the page is watched under load: `make page-load` gives ten
// minutes. The figures want minutes and a machine that does nothing else, so that they
// are no part of the suite.
var pageLoad = flag.Duration("page-load", 0, "watch the page under 1,000 moving units for so long and hold its figures against their limits")

const (
	movingUnits = 1000

	mostLongTasks   = 0.01                    // share of the time in tasks over 50 ms
	latestPaint     = 1500 * time.Millisecond // from a cold start on loopback
	mostScriptBytes = 500_000                 // compressed
	mostHeapGrowth  = 1.1                     // of the last sample over the first
)

// TestPageLoad moves 1,000 radio units at 1 Hz through the real gateway and watches
// the page: it stays current and has every unit where it is.
func TestPageLoad(t *testing.T) {
	if *pageLoad == 0 {
		t.Skip("needs -page-load: make page-load")
	}
	sitetest.NeedPage(t)
	watched := *pageLoad
	s := sitetest.New(t)
	for i := range movingUnits {
		s.AddUnit(fmt.Sprintf(`{id: u%d, call_sign: "TIM %d", agency: %s, devices: ["fleetsync:100-%d"]}`, i, i, []string{"Damkar", "PSC 119", "Polres", "BPBD"}[i%4], 1000+i))
	}
	s.Start()
	defer s.Stop()
	moving, halt := context.WithCancel(t.Context())
	halted := make(chan error, 1)
	go func() { halted <- moveAll(s, moving) }()

	ctx := sitetest.ChromiumFor(t, watched+sitetest.BrowserTime, chromedp.Flag("enable-precise-memory-info", true))
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page))
	watchTasks(ctx, t)
	sitetest.Until(ctx, t, "the page does not paint", `performance.getEntriesByName("first-contentful-paint").length > 0`)
	paint := time.Duration(sitetest.ReadOff[float64](ctx, t, `performance.getEntriesByName("first-contentful-paint")[0].startTime`) * float64(time.Millisecond))
	sitetest.Do(ctx, t, chromedp.WaitReady(`#map[data-ready="yes"]`))
	sitetest.Until(ctx, t, "not every unit is heard", `fetch("/api/v1/units").then(r => r.json()).then(u => u.features.filter(f => f.geometry).length >= `+fmt.Sprint(movingUnits)+`)`)
	sitetest.Until(ctx, t, "the page is behind", `document.getElementById("banner").hidden`)

	table := &loadTable{paint: paint, script: scriptBytes(t)}
	table.watch(ctx, t, watched)
	t.Logf("%d units at 1 Hz for %s, headless Chromium, the map drawn by software (SwiftShader)\n%s", movingUnits, watched, table)
	// What a dispatcher reads off the list is of the last seconds.
	sitetest.Do(ctx, t, chromedp.KeyEvent("u"))
	sitetest.Until(ctx, t, "the list is old", `(() => { const ages = [...document.querySelectorAll('.unitrow[data-key^="u"] .age')].map(a => a.textContent); return ages.length > 100 && ages.every(a => /^0:[0-2]\d$/.test(a)) })()`)
	if !sitetest.ReadOff[bool](ctx, t, `document.getElementById("banner").hidden`) {
		t.Error("the page fell behind")
	}
	halt()
	if err := <-halted; err != nil {
		t.Error(err)
	}
	if share := table.longShare(); share > mostLongTasks {
		t.Errorf("%.2f %% of the time in tasks over 50 ms, more than %.0f %%", 100*share, 100*mostLongTasks)
	}
	if paint > latestPaint {
		t.Errorf("first paint after %s, later than %s", paint, latestPaint)
	}
	if n := len(table.heapMB); n > 1 && table.heapMB[n-1] > table.heapMB[0]*mostHeapGrowth {
		t.Errorf("the heap grew from %.1f to %.1f MB", table.heapMB[0], table.heapMB[n-1])
	}
}

// moveAll drives every unit around a circle of its own, one fix a second each, until
// ctx ends: what their radios say comes from one base station.
func moveAll(s *sitetest.Site, ctx context.Context) error {
	const steps = 20 // of a second, so that the bytes come evenly
	tick := time.NewTicker(time.Second / steps)
	defer tick.Stop()
	for n := 0; ; n++ {
		var b strings.Builder
		for i := n % steps; i < movingUnits; i += steps {
			b.WriteString(movingFix(i, float64(n)/steps))
		}
		if _, err := s.Radio.WriteString(b.String()); err != nil {
			return fmt.Errorf("cannot send as radio: %w", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// movingFix is unit i's position report ($PKLDS, long form) after so many seconds.
func movingFix(i int, seconds float64) string {
	angle := seconds*12/400 + float64(i) // 12 m/s on a circle of 400 m
	lat := -6.65 - 0.011*float64(i/25) + 0.0036*math.Sin(angle)
	lon := 108.10 + 0.012*float64(i%25) + 0.0036*math.Cos(angle)
	course := math.Mod(360-angle*180/math.Pi, 360)
	if course < 0 {
		course += 360
	}
	now := time.Now().UTC()
	return sitetest.Sentence(fmt.Sprintf("PKLDS,%s,A,%s,S,%s,E,023.3,%05.1f,%s,00.00,E00,100,%d,80,00,", now.Format("150405"),
		sitetest.DegreesMinutes(-lat, 2), sitetest.DegreesMinutes(lon, 3), course, now.Format("020106"), 1000+i))
}

// loadTable is what was measured.
type loadTable struct {
	paint   time.Duration
	script  int64
	watched time.Duration
	long    time.Duration // in tasks over 50 ms
	longest time.Duration
	tasks   int
	heapAt  []time.Duration
	heapMB  []float64
}

func (l *loadTable) longShare() float64 { return l.long.Seconds() / l.watched.Seconds() }

// watchTasks has the page collect its tasks over 50 ms (PerformanceObserver, longtask).
func watchTasks(ctx context.Context, t *testing.T) {
	sitetest.ReadOff[bool](ctx, t, `(() => { window.longTasks = []; new PerformanceObserver((l) => { for (const e of l.getEntries()) window.longTasks.push([e.startTime, e.duration]) }).observe({ type: "longtask" }); return true })()`)
}

// watch samples the heap after a collection at the first, fifth and last minute (the
// begin and end of a shorter time); what a collection takes counts for nothing.
func (l *loadTable) watch(ctx context.Context, t *testing.T, whole time.Duration) {
	samples := []time.Duration{time.Minute, 5 * time.Minute, whole}
	if whole < 10*time.Minute {
		samples = []time.Duration{0, whole}
	}
	const now = `performance.now()`
	var from float64
	account := func() {
		to := sitetest.ReadOff[float64](ctx, t, now)
		for _, task := range sitetest.ReadOff[[][2]float64](ctx, t, `window.longTasks`) {
			if task[0] >= from && task[0] < to {
				d := time.Duration(task[1] * float64(time.Millisecond))
				l.long, l.longest, l.tasks = l.long+d, max(l.longest, d), l.tasks+1
			}
		}
		l.watched += time.Duration((to - from) * float64(time.Millisecond))
	}
	sitetest.ReadOff[bool](ctx, t, `(window.longTasks.length = 0, true)`)
	from = sitetest.ReadOff[float64](ctx, t, now)
	began := time.Now()
	for _, at := range samples {
		select {
		case <-time.After(time.Until(began.Add(at))):
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		}
		account()
		sitetest.Do(ctx, t, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, heapprofiler.CollectGarbage, cdp.Empty{})
			return err
		}))
		l.heapAt = append(l.heapAt, at)
		l.heapMB = append(l.heapMB, sitetest.ReadOff[float64](ctx, t, `performance.memory.usedJSHeapSize`)/1e6)
		sitetest.ReadOff[bool](ctx, t, `(window.longTasks.length = 0, true)`)
		from = sitetest.ReadOff[float64](ctx, t, now)
	}
}

func (l *loadTable) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(what, is, limit string) { fmt.Fprintf(w, "%s\t%s\t%s\n", what, is, limit) }
	row("main thread in tasks over 50 ms", fmt.Sprintf("%.2f %% (%d tasks, the longest %d ms)", 100*l.longShare(), l.tasks, l.longest.Milliseconds()), fmt.Sprintf("under %.0f %%", 100*mostLongTasks))
	for i, at := range l.heapAt {
		row("JavaScript heap after "+at.String(), fmt.Sprintf("%.1f MB", l.heapMB[i]), "flat")
	}
	row("first paint from a cold start", fmt.Sprintf("%d ms", l.paint.Milliseconds()), fmt.Sprintf("under %d ms", latestPaint.Milliseconds()))
	row("JavaScript, compressed", fmt.Sprintf("%d kB", l.script/1000), fmt.Sprintf("under %d kB", mostScriptBytes/1000))
	load, _ := os.ReadFile("/proc/loadavg") // for the reader only
	row("load of the machine at the end", strings.TrimSpace(string(load)), "")
	_ = w.Flush() // into memory
	return b.String()
}

// TestPageIsSmall: the page has to come over a county's lines.
func TestPageIsSmall(t *testing.T) {
	sitetest.NeedPage(t)
	if n := scriptBytes(t); n > mostScriptBytes {
		t.Errorf("%d bytes of compressed JavaScript, more than %d", n, mostScriptBytes)
	}
}

// scriptBytes is all JavaScript of the dispatcher's page as it goes over the line, the
// parts that are fetched later included; the keypad is a page of its own.
func scriptBytes(t *testing.T) int64 {
	t.Helper()
	packed, err := filepath.Glob("../../../gateway/http/web/dist/assets/*js.gz")
	if err != nil || len(packed) == 0 {
		t.Fatalf("no compressed scripts: %v", err)
	}
	var sum int64
	for _, p := range packed {
		if strings.HasPrefix(filepath.Base(p), "keypad-") {
			continue
		}
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	return sum
}
