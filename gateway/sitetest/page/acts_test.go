package page

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestRarerActsOnThePage: what is not done at every incident and must work when it is:
// a unit taken off again, a duplicate merged, an incident cancelled, that undone, closed
// and opened again with a reason, and a reason that is asked for.
func TestRarerActsOnThePage(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	first := s.OpenIncident()
	var second struct{ ID, Number string }
	s.Post("/incidents", map[string]any{"category": "fire", "address": "Jalan Abdul Halim", "location": map[string]float64{"lat": -6.8365, "lon": 108.2275}}, &second)
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	becomes := func(id, what, expression string) {
		t.Helper()
		sitetest.Until(ctx, t, what, fmt.Sprintf(`fetch("/api/v1/incidents/%s").then((r) => r.json()).then((i) => %s)`, id, expression))
	}
	button := func(label string) chromedp.Action[chromedp.Void] {
		return chromedp.Click(`//*[@id="detail"]//button[contains(text(),"` + label + `")]`)
	}
	card := func(id string) chromedp.Action[chromedp.Void] { return chromedp.Click(`.card[data-key="` + id + `"]`) }
	why := func(reason string) chromedp.Action[chromedp.Void] {
		return chromedp.SendKeys(`#detail form.ask input[name="why"]`, reason+"\r")
	}
	timeline := func(what string) chromedp.Action[chromedp.Void] {
		return chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"` + what + `")]`)
	}
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible(".alarm.new"))
	sitetest.Until(ctx, t, "the page does not come up to date", `document.getElementById("banner").hidden`)

	sitetest.Do(ctx, t, card(first), chromedp.WaitVisible("#release"), chromedp.Click("#release"), why("ban kempes"))
	becomes(first, "the unit is not released", `i.units.length === 1 && i.status === "dispatched"`)
	sitetest.Until(ctx, t, "the unit is not free", `fetch("/api/v1/units").then((r) => r.json()).then((u) => u.features[0].properties.incident === "")`)
	sitetest.Do(ctx, t, chromedp.WaitVisible("#undo"), chromedp.Click("#undo"))
	sitetest.Until(ctx, t, "the unit is not sent again", `fetch("/api/v1/units").then((r) => r.json()).then((u) => u.features[0].properties.incident !== "")`)

	// The second call is about the same fire.
	sitetest.Do(ctx, t, card(second.ID), chromedp.WaitVisible(`#detail .title[data-key="`+second.ID+`"]`), chromedp.Click("#merge"),
		chromedp.WaitVisible(`#detail select[name="into"]`), why("penelepon kedua"))
	becomes(second.ID, "the duplicate is not merged", `i.merged_into === "`+first+`"`)
	// Nothing is done to a duplicate any more.
	sitetest.Do(ctx, t, chromedp.WaitVisible(`//*[@id="detail"]//*[@class="status"][text()="Digabung"]`), chromedp.WaitNotPresent("#send"))
	sitetest.Do(ctx, t, chromedp.WaitVisible(`//*[@id="detail"]//p[contains(.,"Digabung ke")]`), chromedp.Click(`//*[@id="detail"]//p[contains(.,"Digabung ke")]/button`),
		chromedp.WaitVisible(`//*[@id="detail"]//p[contains(.,"Laporan ganda: `+second.Number+`")]`))

	// Without a reason nothing is cancelled: the browser itself asks for it.
	sitetest.Do(ctx, t, button("Batalkan"), chromedp.WaitVisible(`#detail form.ask input[name="why"]`), chromedp.Click(`#detail form.ask button[type="submit"]`))
	if !sitetest.ReadOff[bool](ctx, t, `document.querySelector('#detail form.ask input[name="why"]').matches(":invalid")`) {
		t.Error("an incident can be cancelled without a reason")
	}
	sitetest.Do(ctx, t, why("laporan palsu"))
	becomes(first, "it is not cancelled", `i.status === "cancelled"`)
	sitetest.Until(ctx, t, "the form stays", `!document.querySelector("#detail form.ask")`)
	sitetest.Do(ctx, t, chromedp.WaitVisible("#undo"), chromedp.KeyEvent("z"))
	becomes(first, "the cancelling is not undone", `i.status !== "cancelled"`)

	sitetest.Do(ctx, t, chromedp.WaitVisible("#close"), chromedp.KeyEvent("x"), chromedp.WaitVisible("#close-now"), why("padam"), timeline("Ditutup"))
	sitetest.Do(ctx, t, button("Buka kembali"), why("api menyala lagi"))
	becomes(first, "it is not opened again", `i.status !== "closed" && !i.closed_at`)
	sitetest.Do(ctx, t, chromedp.WaitVisible("#send"))
}

// TestStrangerIsAdoptedOnThePage: a radio that nobody knows is bound to a unit from the
// panel of links, what it said before counts, and the binding can be undone.
func TestStrangerIsAdoptedOnThePage(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	s.Print(sitetest.Sentence("PKLID,00,102,1002,12,00,"))
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible("#new"))
	sitetest.Until(ctx, t, "the page does not come up to date", `document.getElementById("banner").hidden`)
	const stranger = `#drawer .linkrow[data-key="fleetsync:102-1002"]`
	sitetest.Do(ctx, t, chromedp.KeyEvent("l"), chromedp.WaitVisible(stranger), chromedp.Click(stranger+" .adopt button"))
	has := func(what, status string) {
		t.Helper()
		sitetest.Until(ctx, t, what, `fetch("/api/v1/units").then((r) => r.json()).then((u) => u.features[0].properties.status === "`+status+`")`)
	}
	has("what it said before does not count", "en_route")
	sitetest.Do(ctx, t, chromedp.WaitVisible("#undo"), chromedp.WaitNotPresent(stranger), chromedp.Click("#undo"))
	sitetest.Until(ctx, t, "the binding stays", `fetch("/api/v1/setup").then((r) => r.json()).then((s) => s.units[0].devices.length === 1)`)
	// It is a stranger again at once, with what it said last.
	sitetest.Do(ctx, t, chromedp.WaitVisible(stranger))
	sitetest.Until(ctx, t, "what the radio said last", `document.querySelector('`+stranger+`').textContent.includes("terakhir: Menuju lokasi 12")`)
}
