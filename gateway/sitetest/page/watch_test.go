package page

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestMutedPageAsksAgain: a muted page is silent about a new incident, asks after ten
// minutes whether that is still meant, stays silent for ten more when it is, and sounds
// when it is not.
func TestMutedPageAsksAgain(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	open := func() {
		t.Helper()
		sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible("#new"))
		sitetest.Until(ctx, t, "the page does not come up to date", `document.getElementById("banner").hidden`)
		sitetest.Do(ctx, t, chromedp.Click("#tab-board")) // a browser lets no page sound that nobody touched
	}
	open()
	sitetest.Do(ctx, t, chromedp.KeyEvent("m"), chromedp.WaitVisible(`#mute[aria-pressed="true"].off`))
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, nil)
	sitetest.Do(ctx, t, chromedp.WaitVisible(".alarm.new"))
	asks := `//*[@id="alarms"]//*[@role="alert"][contains(.,"Bunyi masih dibisukan")]`
	elevenMinutesLater := func() {
		t.Helper()
		sitetest.ReadOff[bool](ctx, t, `(localStorage.setItem("mutedAt", String(Date.now() - 11 * 60_000)), true)`)
		open()
		sitetest.Do(ctx, t, chromedp.WaitVisible(asks))
	}
	silent := func() {
		t.Helper()
		if sounded := sitetest.ReadOff[string](ctx, t, `document.body.dataset.sounded ?? ""`); sounded != "" {
			t.Errorf("a muted page sounds %q", sounded)
		}
	}
	elevenMinutesLater()
	silent()
	sitetest.Do(ctx, t, chromedp.Click(`//*[@id="alarms"]//button[contains(.,"Tetap bisu")]`), chromedp.WaitNotPresent(asks), chromedp.WaitVisible(`#mute.off`))
	silent()
	elevenMinutesLater()
	sitetest.Do(ctx, t, chromedp.Click(`//*[@id="alarms"]//button[contains(.,"Nyalakan")]`), chromedp.WaitNotPresent(asks), chromedp.WaitVisible(`#mute[aria-pressed="false"]`))
	sitetest.Until(ctx, t, "nothing sounds", `document.body.dataset.sounded === "new"`)
	// What was acknowledged sounds no more.
	sitetest.Do(ctx, t, chromedp.KeyEvent("a"), chromedp.WaitNotPresent(".alarm.new"))
}

// TestLinksSayWhatToDo: a port that is not there, a radio that is heard and what became
// of it, and why the last frame was refused, each with what to do about it.
func TestLinksSayWhatToDo(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Configure("  - {id: hilang, kind: serial, protocol: kenwood, device: /dev/serial/by-id/usb-hilang}\n")
	s.Start()
	defer s.Stop()
	s.Press("12")
	s.Print("$PKLID,00,102,1001,13,00,*00\r\n") // another checksum than its own
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible(`#links .link.down[data-key="hilang"]`), chromedp.Click(`#links .link.down[data-key="hilang"]`))
	says := func(link, what string) {
		t.Helper()
		sitetest.Until(ctx, t, "the page does not say of "+link+": "+what, fmt.Sprintf(`(document.querySelector('#drawer .linkrow[data-key=%q]')?.innerText ?? "").includes(%q)`, link, what))
	}
	says("hilang", "MATI")
	says("hilang", "sejak ")
	says("hilang", "/dev/serial/by-id/usb-hilang")
	says("hilang", "→ Periksa daya radio dan kabel USB")
	says("roof", "hidup")
	says("roof", "ditolak terakhir: ")
	noSeriousFinding(ctx, t)
	sitetest.Do(ctx, t, chromedp.Click("#language"))
	says("hilang", "→ Check the power of the radio and the USB cable")
}

// TestReplayOfAnHour chooses an hour of the past and plays it at sixty times its pace.
func TestReplayOfAnHour(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	s.OpenIncident()
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible(".card"))
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page+"/replay/"), chromedp.WaitVisible("#choose"), chromedp.Click(`#choose button[type="submit"]`), chromedp.WaitVisible("#slider"))
	sitetest.Until(ctx, t, "an hour", `document.getElementById("slider").max === "3600"`)
	sitetest.Do(ctx, t, chromedp.Click(`.speeds button[data-key="60"]`), chromedp.WaitVisible(`.speeds button[data-key="60"][aria-pressed="true"]`))
	sitetest.Until(ctx, t, "it does not play", `document.querySelector("#play").getAttribute("aria-pressed") === "true" && Number(document.getElementById("slider").value) > 0`)
	seconds := func() float64 {
		return sitetest.ReadOff[float64](ctx, t, `Number(document.getElementById("slider").value)`)
	}
	began, from := time.Now(), seconds()
	sitetest.Until(ctx, t, "two minutes", fmt.Sprintf(`Number(document.getElementById("slider").value) >= %f`, from+120))
	if pace := (seconds() - from) / time.Since(began).Seconds(); pace > 75 || pace < 20 {
		t.Errorf("it plays at %.0f times, not 60", pace)
	}
	// The incident was opened just now, and stands at the end.
	endOf(ctx, t)
	sitetest.Until(ctx, t, "the incident at the end", `document.querySelector(".card") !== null`)
}

// endOf drags the slider to its end.
func endOf(ctx context.Context, t *testing.T) {
	t.Helper()
	at := sitetest.ReadOff[[]float64](ctx, t, `(() => { const s = document.getElementById("slider"), r = s.getBoundingClientRect(), y = r.y + r.height / 2; return [r.x + 8 + (r.width - 16) * s.value / s.max, y, r.right + 20, y]; })()`)
	sitetest.Do(ctx, t, chromedp.DragAndDropXY(at[0], at[1], at[2], at[3]))
}
