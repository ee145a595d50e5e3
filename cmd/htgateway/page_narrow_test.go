package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
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
	if !pageBuilt(t) {
		return
	}
	s := newSite(t)
	s.start()
	defer s.stop()
	id := s.reach()
	s.press("13")
	way := newCable(t, strings.TrimPrefix(s.page, "http://"))
	ctx := chromium(t)
	do(ctx, t, chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateMobile, chromedp.EmulateTouch),
		chromedp.Navigate("http://"+way.addr), chromedp.WaitReady(`#map[data-ready="yes"]`),
		chromedp.Click(".card"), chromedp.WaitVisible("#detail"),
		chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Tiba di lokasi — DAMKAR 1")]`))
	for _, language := range []string{"id", "en"} {
		if bad := readOff[[]string](ctx, t, fmt.Sprintf(untouchable, fingertip)); len(bad) > 0 {
			t.Errorf("%s: cannot be touched: %s", language, strings.Join(bad, "\n"))
		}
		if w := readOff[int](ctx, t, `Math.max(document.documentElement.scrollWidth, document.getElementById("detail").scrollWidth)`); w > phoneWidth {
			t.Errorf("%s: the page is %d wide", language, w)
		}
		do(ctx, t, chromedp.Click("#language"))
	}
	do(ctx, t, chromedp.Click(`//ol[@class="timeline"]/li[contains(.,"Tiba di lokasi")]//button[contains(@class,"more")]`),
		chromedp.WaitVisible(`//ol[@class="timeline"]//code[contains(text(),"$PKLID,00,102,1001,13,00,")]`))
	if w := readOff[int](ctx, t, `document.getElementById("detail").scrollWidth`); w > phoneWidth {
		t.Errorf("a raw frame makes the panel %d wide", w)
	}

	// The place is put right by a touch of the map, for which the panel makes room.
	do(ctx, t, chromedp.Click(`//*[@id="detail"]//button[contains(text(),"Pindahkan")]`), chromedp.WaitVisible("#pick"), chromedp.WaitNotVisible("#detail"),
		chromedp.MouseClickXY(phoneWidth/3, phoneHeight/3), chromedp.WaitNotVisible("#pick"), chromedp.WaitVisible("#detail"))
	until(ctx, t, "the place stays", `fetch("/api/v1/incidents/`+id+`").then((r) => r.json()).then((i) => Math.abs(i.location.lat + 6.8364) > 0.001)`)

	do(ctx, t, chromedp.Click("#note"), chromedp.SendKeys(`#detail input[name="text"]`, "akses lewat sawah\r"),
		chromedp.WaitVisible(`//ol[@class="timeline"]//li[contains(@class,"note")][contains(.,"akses lewat sawah")]`))
	way.cut()
	do(ctx, t, chromedp.WaitVisible("#banner"))
	until(ctx, t, "the panel hides that it is old", `(() => {
		const r = document.getElementById("banner").getBoundingClientRect();
		return !document.getElementById("detail").hidden && document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)?.id === "banner";
	})()`)
	way.mend()
	until(ctx, t, "the page stays behind", `document.getElementById("banner").hidden`)

	do(ctx, t, chromedp.Click("#close"), chromedp.Click("#close-now"), chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Ditutup")]`),
		chromedp.WaitVisible("#undo"), chromedp.Click("#undo"), chromedp.WaitVisible("#send"))
	noSeriousFinding(ctx, t)
}
