package page

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/creack/pty"

	"htgateway/gateway/sitetest"
)

// placeRadio has a radio say where it is, without a pressed key.
func placeRadio(s *sitetest.Site, radio int, lat, lon float64) {
	s.T.Helper()
	placeRadioAt(s, time.Now(), radio, lat, lon)
}

// placeRadioAt has a radio say where it was.
func placeRadioAt(s *sitetest.Site, then time.Time, radio int, lat, lon float64) {
	s.T.Helper()
	now := then.UTC()
	s.Print(sitetest.Sentence(fmt.Sprintf("PKLDS,%s,A,%s,S,%s,E,000.0,000.0,%s,00.00,E00,102,%d,80,00,",
		now.Format("150405"), sitetest.DegreesMinutes(-lat, 2), sitetest.DegreesMinutes(lon, 3), now.Format("020106"), radio)))
}

// namePort gives the base station's port a name that stays, as udev does.
func namePort(s *sitetest.Site) {
	s.T.Helper()
	text, err := os.ReadFile(filepath.Join(s.Dir, "htgateway.yaml"))
	if err != nil {
		s.T.Fatal(err)
	}
	device := regexp.MustCompile(`device: (/dev/\S+)}`).FindSubmatch(text)
	if err := os.Symlink(string(device[1]), portPath(s)); err != nil {
		s.T.Fatal(err)
	}
	s.ReplaceConfig(string(device[1]), portPath(s))
}

func portPath(s *sitetest.Site) string { return filepath.Join(s.Dir, "roof") }

// unplug takes the base station away, and plugIn brings one back under the same name.
func unplug(s *sitetest.Site) {
	s.T.Helper()
	if err := errors.Join(s.Radio.Close(), os.Remove(portPath(s))); err != nil {
		s.T.Fatal(err)
	}
}

func plugIn(s *sitetest.Site) {
	s.T.Helper()
	radio, line, err := pty.Open()
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() { _, _ = radio.Close(), line.Close() })
	s.Radio = radio
	if err := os.Symlink(line.Name(), portPath(s)); err != nil {
		s.T.Fatal(err)
	}
}

// The place in the middle of the tests' map, and how large it shows what was selected:
// metres a pixel at zoom 12, of tiles of 512 pixels.
const (
	midLat, midLon = -6.8364, 108.2274
	closeZoom      = 12
	earthM         = 6_371_008.8
)

var metresPerPixel = 40_075_016.7 * math.Cos(midLat*math.Pi/180) / (512 << closeZoom)

// pixelsEast is how far apart meridians are on the screen.
func pixelsEast(degrees float64) float64 {
	return degrees * math.Pi / 180 * earthM * math.Cos(midLat*math.Pi/180) / metresPerPixel
}

// mapOnPage is the map in a browser whose middle is known.
type mapOnPage struct {
	ctx context.Context
	t   *testing.T
}

// middle is where the middle of the map is on the screen, once the map shows so much
// there.
func (m mapOnPage) middle(zoom float64) (x, y float64) {
	m.t.Helper()
	// The bar below the map is one kilometre, or more, as long as fits into 100 pixels.
	sitetest.Until(m.ctx, m.t, "the map does not get to its zoom", fmt.Sprintf(`(() => {
		const bar = document.querySelector(".maplibregl-ctrl-scale"), [, n, unit] = /([\d.]+)\s*(k?m)/.exec(bar.textContent);
		return Math.abs(n * (unit === "km" ? 1000 : 1) / parseFloat(bar.style.width) / %f - 1) < 0.03;
	})()`, metresPerPixel*math.Exp2(closeZoom-zoom)))
	at := sitetest.ReadOff[[]float64](m.ctx, m.t, `(() => { const r = document.getElementById("canvas").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
	return at[0], at[1]
}

// hover moves the mouse about a place until the map says what is there.
func (m mapOnPage) hover(x, y float64, what string) {
	m.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		sitetest.Do(m.ctx, m.t, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x+float64(i%2), y))
		said := sitetest.ReadOff[string](m.ctx, m.t, `document.querySelector(".tip")?.textContent ?? ""`)
		if strings.Contains(said, what) {
			return
		}
		select {
		case <-tick.C:
		case <-m.ctx.Done():
			m.t.Fatalf("the map says %q there, not %q", said, what)
		}
	}
}

// TestMapTools: distance, nearest free units, following, sending by drag, the place of
// a new incident by click, a cluster that opens, and a base station that leads to the
// links, all on the map in Chromium.
func TestMapTools(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	namePort(s)
	const stationEast = 0.02 // degrees
	s.ReplaceConfig("{id: roof,", fmt.Sprintf("{id: roof, location: {lat: %v, lon: %v},", midLat, midLon+stationEast))
	for i := 2; i <= 7; i++ {
		s.AddUnit(fmt.Sprintf(`{id: damkar-%d, call_sign: DAMKAR %[1]d, agency: Damkar, devices: ["fleetsync:102-100%[1]d"]}`, i))
	}
	s.Start()
	defer s.Stop()
	var far struct{ ID string }
	s.Post("/incidents", map[string]any{"category": "disaster", "location": map[string]float64{"lat": -6.75, "lon": 108.3}}, &far)
	s.Post("/incidents/"+far.ID+"/dispatch", map[string]any{"units": []string{"damkar-3"}}, nil)
	var in struct{ ID string }
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": midLat, "lon": midLon}}, &in)
	events := s.Events("")
	const oneKm, groupWest = 0.009, 0.1
	placeRadio(s, 1001, midLat+oneKm, midLon)
	placeRadio(s, 1002, midLat+3*oneKm, midLon)
	placeRadio(s, 1003, midLat, midLon+oneKm/2) // the nearest, and busy
	for radio := 1004; radio <= 1007; radio++ {
		placeRadio(s, radio, midLat, midLon-groupWest)
	}
	s.Await(events, "the last place", func(u sitetest.Update) bool { return u.Kind == "fix" && u.Unit == "damkar-7" })

	ctx := sitetest.Chromium(t)
	m := mapOnPage{ctx: ctx, t: t}
	// Whoever wants no motion gets none, and a test need not wait for it.
	sitetest.Do(ctx, t, command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}),
		chromedp.Navigate(s.Page), chromedp.WaitReady(`#map[data-ready="yes"]`), chromedp.WaitVisible(".card"), chromedp.Click(`.card[data-key="`+in.ID+`"]`), chromedp.WaitVisible("#detail"))
	x, y := m.middle(closeZoom)

	const pixels = 100
	sitetest.Do(ctx, t, chromedp.KeyEvent("g"), chromedp.WaitVisible("#toolbox"), chromedp.MouseClickXY(x, y), chromedp.MouseClickXY(x+pixels, y))
	sitetest.Until(ctx, t, "the distance", fmt.Sprintf(`document.getElementById("toolbox").textContent.startsWith("%.1f km")`, pixels*metresPerPixel/1000))
	sitetest.Do(ctx, t, chromedp.KeyEvent("\x1b"), chromedp.WaitNotVisible("#toolbox"))

	sitetest.Do(ctx, t, chromedp.KeyEvent("d"), chromedp.MouseClickXY(x, y), chromedp.WaitVisible("#toolbox button"))
	nearest := sitetest.ReadOff[[]string](ctx, t, `[...document.querySelectorAll("#toolbox button")].map((b) => b.textContent)`)
	if len(nearest) != 5 || nearest[0] != "DAMKAR 1 1.0 km · ≈2 mnt" || nearest[1] != "DAMKAR 2 3.0 km · ≈6 mnt" {
		t.Errorf("the nearest free units are %q", nearest)
	}
	sitetest.Do(ctx, t, chromedp.Click("#toolbox button"), chromedp.KeyEvent("\x1b"), chromedp.WaitNotVisible("#toolbox"), chromedp.WaitVisible("#follow"))

	x, y = m.middle(closeZoom)
	m.hover(x, y, "DAMKAR 1 · Damkar")
	sitetest.Do(ctx, t, chromedp.KeyEvent("f"), chromedp.WaitVisible(`#follow[aria-pressed="true"]`))
	placeRadio(s, 1001, midLat+6*oneKm, midLon+2*oneKm)
	m.hover(x+pixelsEast(stationEast-2*oneKm), y+pixelsEast(6*oneKm)/math.Cos(midLat*math.Pi/180), "roof · hidup") // all else moved away
	m.hover(x, y, "DAMKAR 1 · Damkar")
	sitetest.Do(ctx, t, chromedp.DragAndDropXY(x+150, y+150, x+50, y+100), chromedp.WaitVisible(`#follow[aria-pressed="false"]`))

	// By drag to the incident on the map, and to its panel.
	sitetest.Do(ctx, t, chromedp.KeyEvent("u"), chromedp.WaitVisible(`.unitrow[data-key="damkar-2"]`))
	sitetest.ReadOff[bool](ctx, t, `(document.activeElement.blur(), true)`)
	sitetest.Do(ctx, t, chromedp.KeyEvent("k"), chromedp.WaitVisible("#send"))
	if now := sitetest.ReadOff[string](ctx, t, `document.querySelector("#detail .title").dataset.key`); now != in.ID {
		sitetest.Do(ctx, t, chromedp.KeyEvent("k"), chromedp.WaitVisible(`#detail .title[data-key="`+in.ID+`"]`))
	}
	x, y = m.middle(closeZoom)
	row := func(unit string) (float64, float64) {
		at := sitetest.ReadOff[[]float64](ctx, t, `(() => { const r = document.querySelector('.unitrow[data-key="`+unit+`"]').getBoundingClientRect(); return [r.x + 60, r.y + r.height / 2]; })()`)
		return at[0], at[1]
	}
	busyWith := func(unit, incident string) {
		t.Helper()
		sitetest.Until(ctx, t, unit+" is not on its incident", `fetch("/api/v1/units").then((r) => r.json()).then((u) => u.features.find((f) => f.id === "`+unit+`").properties.incident === "`+incident+`")`)
	}
	fromX, fromY := row("damkar-2")
	sitetest.Do(ctx, t, chromedp.DragAndDropXY(fromX, fromY, x, y), chromedp.WaitVisible("#undo"))
	busyWith("damkar-2", in.ID)
	// The page moves what it shows when it hears of the undo: only then are its places read.
	sitetest.Do(ctx, t, chromedp.WaitVisible(`.unitrow[data-key="damkar-2"] .state.busy`), chromedp.Click("#undo"))
	busyWith("damkar-2", "")
	sitetest.Do(ctx, t, chromedp.WaitNotPresent(`.unitrow[data-key="damkar-2"] .state.busy`))
	fromX, fromY = row("damkar-1")
	panel := sitetest.ReadOff[[]float64](ctx, t, `(() => { const r = document.querySelector("#detail .timeline").getBoundingClientRect(); return [r.x + 80, r.y + 10]; })()`)
	sitetest.Do(ctx, t, chromedp.DragAndDropXY(fromX, fromY, panel[0], panel[1]))
	busyWith("damkar-1", in.ID)

	// The base station, and why its link is as it is.
	east := pixelsEast(stationEast)
	m.hover(x+east, y, "roof · hidup")
	sitetest.Do(ctx, t, chromedp.MouseClickXY(x+east, y), chromedp.WaitVisible(`#drawer .linkrow[data-key="roof"]`), chromedp.KeyEvent("\x1b"), chromedp.WaitNotVisible("#drawer"))
	// It goes down and comes back, on the map and among the links.
	unplug(s)
	m.hover(x+east, y, "roof · MATI · ")
	sitetest.Do(ctx, t, chromedp.MouseClickXY(x+east, y), chromedp.WaitVisible(`#drawer .linkrow.down[data-key="roof"]`))
	sitetest.Until(ctx, t, "the links do not say why, since when and what to do", `(() => {
		const row = document.querySelector('#drawer .linkrow[data-key="roof"]');
		return row.innerText.includes("MATI") && row.innerText.includes("sejak ") && row.querySelector(".warn")?.textContent && row.querySelector(".todo")?.textContent.startsWith("→ Periksa daya radio dan kabel USB");
	})() ? true : false`)
	plugIn(s)
	sitetest.Do(ctx, t, chromedp.WaitVisible(`#drawer .linkrow.up[data-key="roof"]`), chromedp.KeyEvent("\x1b"), chromedp.WaitNotVisible("#drawer"))
	m.hover(x+east, y, "roof · hidup")

	// A new incident where the map is clicked.
	sitetest.Do(ctx, t, chromedp.KeyEvent("\x1b"), chromedp.WaitNotVisible("#detail"), chromedp.KeyEvent("n"), chromedp.WaitVisible("#create"))
	x, y = m.middle(closeZoom)
	sitetest.Do(ctx, t, chromedp.Click(`input[value="disaster"]`), chromedp.MouseClickXY(x+pixels, y-pixels))
	sitetest.Until(ctx, t, "the place is not in the form", `/^-6\.8\d+, 108\.2\d+$/.test(document.querySelector('#form input[name="where"]').value) && document.querySelectorAll("#form .near b").length > 0`)
	sitetest.Do(ctx, t, chromedp.Click("#create"), chromedp.WaitVisible("#detail"))
	made := sitetest.ReadOff[string](ctx, t, `document.querySelector("#detail .title").dataset.key`)
	var got struct {
		Location struct{ Lat, Lon float64 }
	}
	s.Get("/incidents/"+made, &got)
	north := (got.Location.Lat - midLat) * math.Pi / 180 * earthM
	if d := north - pixels*metresPerPixel; math.Abs(d) > 3*metresPerPixel {
		t.Errorf("the incident is %.0f m off where the map was clicked: %+v", d, got.Location)
	}

	// Four units at one place are a cluster from afar, which opens.
	sitetest.Do(ctx, t, chromedp.KeyEvent("\x1b"), chromedp.Click(`.unitrow[data-key="damkar-5"]`), chromedp.WaitVisible("#follow"))
	m.middle(closeZoom)
	sitetest.Do(ctx, t, chromedp.Click(".maplibregl-ctrl-zoom-out"))
	m.middle(closeZoom - 1)
	sitetest.Do(ctx, t, chromedp.Click(".maplibregl-ctrl-zoom-out"))
	x, y = m.middle(closeZoom - 2)
	sitetest.Do(ctx, t, chromedp.MouseClickXY(x, y))
	m.middle(closeZoom)
}

// TestTracksOnTheMap: the way of a unit in the last hour is drawn when it is selected,
// and all ways when they are asked for.
func TestTracksOnTheMap(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	events := s.Events("")
	const legs, leg = 4, 0.025 // degrees, in two minutes
	for i := range legs + 1 {
		placeRadioAt(s, time.Now().Add(time.Duration(i-legs)*2*time.Minute), 1001, midLat+0.005*float64(i), midLon+leg*float64(i%2))
	}
	for range legs + 1 {
		s.Await(events, "a place", func(u sitetest.Update) bool { return u.Kind == "fix" && u.Unit == "damkar-1" })
	}
	ctx := sitetest.Chromium(t)
	// The accent over the dark ground, and Damkar's colour as pale as all ways are drawn.
	accent := func(r, g, b uint8) bool { return b > 170 && int(b) > int(r)+90 && g > 120 }
	damkar := func(r, g, b uint8) bool { return r > 110 && int(r) > int(g)+50 && int(r) > int(b)+50 }
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitReady(`#map[data-ready="yes"]`))
	sitetest.ReadOff[bool](ctx, t, `(document.documentElement.dataset.theme === "dark" || document.getElementById("theme").click(), true)`)
	sitetest.Do(ctx, t, chromedp.Click("#tab-units"), chromedp.Click(".unitrow"), chromedp.WaitVisible("#follow"))
	const ofFourLegs = 0.0015 // a way of three pixels' width; the ring around the unit is a fifth of it
	shows(ctx, t, "the selected unit's way", accent, ofFourLegs)
	sitetest.Do(ctx, t, chromedp.KeyEvent("\x1b"), chromedp.WaitNotVisible("#detail"), chromedp.KeyEvent("t"), chromedp.WaitVisible(`#tracks[aria-pressed="true"]`))
	shows(ctx, t, "all ways", damkar, ofFourLegs/2)
}
