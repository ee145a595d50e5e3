package page

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/sitetest"
	"htgateway/geo"
)

// wib is how the page writes times.
var wib = time.FixedZone("WIB", 7*60*60)

// shift are what a journal remembers of the last minutes and hours.
type shift struct {
	t       *testing.T
	now     time.Time
	records []journal.Record
}

func (h *shift) act(ago time.Duration, a incident.Act) {
	a.ID, a.By, a.At = fmt.Sprint("a", len(h.records)), "local", h.now.Add(-ago)
	if a.Opening != nil {
		a.Opening.ReceivedAt = a.At
	}
	h.records = append(h.records, sitetest.NewRecord(h.t, journal.KindAct, a.ID, a.At, a))
}

// open takes a call about a fire and sends units, or none, after it.
func (h *shift) open(ago time.Duration, id string, lat, lon float64, sent time.Duration, units ...string) {
	h.act(ago, incident.Act{Kind: incident.ActOpen, Incident: id, Opening: &incident.Opening{
		Number: "20261124-" + id, Category: "fire", Location: &incident.Location{Lat: lat, Lon: lon},
	}})
	if len(units) > 0 {
		h.act(sent, incident.Act{Kind: incident.ActDispatch, Incident: id, Units: units})
	}
}

// heard is what the base station heard of a radio: a key, or a place.
func (h *shift) heard(ago time.Duration, radio int, key devices.Status, at *orb.Point) {
	r := devices.Report{
		ID: fmt.Sprint("r", len(h.records)), Link: "roof", Protocol: devices.Kenwood, Kind: devices.KindStatus,
		Device: devices.Identity(fmt.Sprint("fleetsync:102-", radio)), Status: key, ReceivedAt: h.now.Add(-ago),
	}
	r.Raw = []byte("frame " + r.ID)
	if at != nil {
		r.Kind, r.Fix, r.DeviceTime = devices.KindPosition, &geo.Fix{Point: *at, Time: r.ReceivedAt, SpeedMPS: geo.Measured(0)}, r.ReceivedAt
	}
	h.records = append(h.records, sitetest.NewRecord(h.t, journal.KindReport, r.ID, r.ReceivedAt, r))
}

// TestShiftOnThePage opens the page in the middle of a shift: what breaches next stands
// first, also after it changed; a key pressed far from the scene does not set the arrival
// that GPS proves later, and both are in the timeline with their times and frames; and markers fade with the age of their fix, and
// never vanish.
func TestShiftOnThePage(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	for i := 2; i <= 5; i++ {
		s.AddUnit(fmt.Sprintf(`{id: damkar-%d, call_sign: DAMKAR %[1]d, agency: Damkar, devices: ["fleetsync:102-100%[1]d"]}`, i))
	}
	const oneKm, eastOfIt = 0.009, 0.02 // degrees
	h := &shift{t: t, now: time.Now().Truncate(time.Second).UTC()}
	scene := &orb.Point{midLon, midLat - 0.2}
	h.open(20*time.Minute, "001", scene[1], scene[0], 9*time.Minute, "damkar-1")
	h.open(15*time.Minute, "002", -6.75, 108.3, 8*time.Minute+30*time.Second, "damkar-2")
	h.open(time.Minute, "003", midLat, midLon, 0)
	pressed, proven := 8*time.Minute, 3*time.Minute
	h.heard(pressed+10*time.Second, 1001, "", &orb.Point{scene[0], scene[1] + 4*oneKm})
	h.heard(pressed, 1001, devices.StatusOnScene, nil)
	for i := range 7 {
		h.heard(proven-time.Duration(i)*10*time.Second, 1001, "", scene)
	}
	h.heard(15*time.Minute, 1004, "", &orb.Point{midLon + eastOfIt, midLat + 3*oneKm})
	h.heard(30*time.Hour, 1005, "", &orb.Point{midLon + eastOfIt, midLat + 4*oneKm})
	s.AppendJournal(h.records...)
	s.Start()
	defer s.Stop()

	ctx := sitetest.Chromium(t)
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitReady(`#map[data-ready="yes"]`), chromedp.WaitVisible(".card"))
	sitetest.ReadOff[bool](ctx, t, `(document.documentElement.dataset.theme === "dark" || document.getElementById("theme").click(), true)`)
	order := func(want string) {
		t.Helper()
		sitetest.Until(ctx, t, "the board is not "+want, `[...document.querySelectorAll("#rows .card:not(.shut)")].map((c) => c.dataset.key).join(" ") === "`+want+`"`)
	}
	review := func(id string) {
		t.Helper()
		sitetest.Do(ctx, t, chromedp.Click(`.card[data-key="`+id+`"]`), chromedp.WaitVisible(`#detail .title[data-key="`+id+`"]`), chromedp.Click("#review"))
	}
	// Monitoring of 001 ends a minute from now, of 002 half a minute later; of 003 only
	// the whole flow runs.
	order("001 002 003")

	clock := func(ago time.Duration) string { return h.now.Add(-ago).In(wib).Format("15:04:05") }
	sitetest.Do(ctx, t, chromedp.Click(`.card[data-key="001"]`), chromedp.WaitVisible("#detail .timeline li.conflict"))
	if said, want := sitetest.ReadOff[string](ctx, t, `[...document.querySelector("#detail li.conflict").children].map((e) => e.textContent).join("|")`),
		"|GPS · BERTENTANGAN · tombol HT "+clock(pressed)+" (−5:00)|"+clock(pressed)+" (tombol HT) → "+clock(proven)+" (GPS) · tombol sebelumnya ditekan jauh dari lokasi"; !strings.HasPrefix(said, clock(proven)+"|") || !strings.HasSuffix(said, want) || !strings.Contains(said, "Tiba di lokasi — DAMKAR 1") {
		t.Errorf("the timeline says %q, not %s … %s", said, clock(proven), want)
	}
	sitetest.Do(ctx, t, chromedp.WaitVisible(`//*[@id="detail"]//li[contains(@class,"alert")][contains(.,"Tombol ditekan jauh dari lokasi — DAMKAR 1")]`), chromedp.Click("#detail li.conflict .more"))
	sitetest.Until(ctx, t, "the frames of key and fix are not shown", `[...document.querySelectorAll("#detail li.conflict code")].filter((c) => /^frame r\d+/.test(c.textContent)).length === 2`)
	noSeriousFinding(ctx, t)

	review("001") // its next is now the progress report, ten minutes after the arrival
	order("002 001 003")
	s.Print(sitetest.Sentence("PKLID,00,102,1002,13,00,"))
	sitetest.Do(ctx, t, chromedp.WaitVisible(`.card[data-key="002"] .clock[data-key="progress_update damkar-2"]`))
	order("002 001 003") // it is still not looked at
	review("002")
	order("001 002 003")

	m := mapOnPage{ctx: ctx, t: t}
	sitetest.Do(ctx, t, chromedp.Click(`.card[data-key="003"]`), chromedp.WaitVisible(`#detail .title[data-key="003"]`))
	x, y := m.middle(closeZoom)
	up := func(km float64) float64 { return y - km*oneKm*earthM*math.Pi/180/metresPerPixel }
	east := x + pixelsEast(eastOfIt)
	placeRadio(s, 1003, midLat+2*oneKm, midLon+eastOfIt)
	m.hover(east, up(2), "DAMKAR 3 · Damkar")
	m.hover(east, up(3), "DAMKAR 4 · Damkar · 0 km/j · posisi 15:")
	m.hover(east, up(4), "DAMKAR 5 · Damkar · 0 km/j · posisi 30:")
	sitetest.Do(ctx, t, chromedp.MouseClickXY(x-200, y))
	for _, theme := range []string{"dark", "light"} {
		shows(ctx, t, theme+": the fresh marker", func(r, g, b uint8) bool { return r > 210 && g < 100 && b < 80 }, 20./1_000_000)
		fresh, aged, ancient, ground := m.red(east, up(2)), m.red(east, up(3)), m.red(east, up(4)), m.red(east, up(1))
		if fresh < aged+20 || aged < ancient+20 || ancient < ground+20 {
			t.Errorf("%s: the markers are red by %d, %d after a quarter of an hour and %d after more than a day, on a ground of %d", theme, fresh, aged, ancient, ground)
		}
		sitetest.Do(ctx, t, chromedp.Click("#theme"))
	}
}

// red is by how much more red than green the map is at a place of the screen.
func (m mapOnPage) red(x, y float64) int {
	m.t.Helper()
	at := sitetest.ReadOff[[]float64](m.ctx, m.t, `(() => { const r = document.getElementById("canvas").getBoundingClientRect(); return [r.x, r.y]; })()`)
	shot, err := chromedp.Run(m.ctx, chromedp.Screenshot("#canvas"))
	if err != nil {
		m.t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		m.t.Fatal(err)
	}
	r, g, _, _ := picture.At(int(x-at[0]), int(y-at[1])).RGBA()
	return int(r>>8) - int(g>>8)
}
