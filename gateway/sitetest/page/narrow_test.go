package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// fingertip is how large on the screen what is to be touched has to be at least, in
// pixels (WCAG 2.2, 2.5.8).
const fingertip = 24

// untouchable lists the buttons and links of the open panel that a finger cannot press:
// too small, beyond the screen's edge, or under something else.
const untouchable = `[...document.querySelectorAll("#detail button, #detail a.button")].filter((b) => {
	b.scrollIntoView({ block: "center" });
	const r = b.getBoundingClientRect();
	const on = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
	return r.height < %d || r.width < %[1]d || r.left < 0 || r.right > innerWidth || !(on && (b.contains(on) || on.contains(b)));
}).map((b) => b.textContent + " " + JSON.stringify(b.getBoundingClientRect()))`

// TestIncidentOnAPhone: an incident from its card to its closing on a screen as wide as
// a hand, in both languages: everything can be touched, nothing stands beyond the edge,
// the place is put right on the map, and the panel does not hide that it is old.
func TestIncidentOnAPhone(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	id := s.OpenIncident()
	s.Press("13")
	way := sitetest.NewCable(t, strings.TrimPrefix(s.Page, "http://"))
	ctx := sitetest.Chromium(t)
	sitetest.Do(ctx, t, chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateMobile, chromedp.EmulateTouch),
		chromedp.Navigate("http://"+way.Addr), chromedp.WaitReady(`#map[data-ready="yes"]`),
		chromedp.Click(".card"), chromedp.WaitVisible("#detail"),
		chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Tiba di lokasi — DAMKAR 1")]`))
	for _, language := range []string{"id", "en"} {
		if bad := sitetest.ReadOff[[]string](ctx, t, fmt.Sprintf(untouchable, fingertip)); len(bad) > 0 {
			t.Errorf("%s: cannot be touched: %s", language, strings.Join(bad, "\n"))
		}
		if w := sitetest.ReadOff[int](ctx, t, `Math.max(document.documentElement.scrollWidth, document.getElementById("detail").scrollWidth)`); w > phoneWidth {
			t.Errorf("%s: the page is %d wide", language, w)
		}
		sitetest.Do(ctx, t, chromedp.Click("#language"))
	}
	sitetest.Do(ctx, t, chromedp.Click(`//ol[@class="timeline"]/li[contains(.,"Tiba di lokasi")]//button[contains(@class,"more")]`),
		chromedp.WaitVisible(`//ol[@class="timeline"]//code[contains(text(),"$PKLID,00,102,1001,13,00,")]`))
	if w := sitetest.ReadOff[int](ctx, t, `document.getElementById("detail").scrollWidth`); w > phoneWidth {
		t.Errorf("a raw frame makes the panel %d wide", w)
	}

	// The place is put right by a touch of the map, for which the panel makes room.
	sitetest.Do(ctx, t, chromedp.Click(`//*[@id="detail"]//button[contains(text(),"Pindahkan")]`), chromedp.WaitVisible("#pick"), chromedp.WaitNotVisible("#detail"),
		chromedp.MouseClickXY(phoneWidth/3, phoneHeight/3), chromedp.WaitNotVisible("#pick"), chromedp.WaitVisible("#detail"))
	sitetest.Until(ctx, t, "the place stays", `fetch("/api/v1/incidents/`+id+`").then((r) => r.json()).then((i) => Math.abs(i.location.lat + 6.8364) > 0.001)`)

	sitetest.Do(ctx, t, chromedp.Click("#note"), chromedp.SendKeys(`#detail input[name="text"]`, "akses lewat sawah\r"),
		chromedp.WaitVisible(`//ol[@class="timeline"]//li[contains(@class,"note")][contains(.,"akses lewat sawah")]`))
	way.Cut()
	sitetest.Do(ctx, t, chromedp.WaitVisible("#banner"))
	sitetest.Until(ctx, t, "the panel hides that it is old", `(() => {
		const r = document.getElementById("banner").getBoundingClientRect();
		return !document.getElementById("detail").hidden && document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)?.id === "banner";
	})()`)
	way.Mend()
	sitetest.Until(ctx, t, "the page stays behind", `document.getElementById("banner").hidden`)

	sitetest.Do(ctx, t, chromedp.Click("#close"), chromedp.Click("#close-now"), chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Ditutup")]`),
		chromedp.WaitVisible("#undo"), chromedp.Click("#undo"), chromedp.WaitVisible("#send"))
	noSeriousFinding(ctx, t)
}
