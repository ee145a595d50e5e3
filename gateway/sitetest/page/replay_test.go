package page

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"htgateway/gateway/sitetest"
)

// TestReplayAndAnalysisOfAnArrival lets a unit reach an incident by its key on the pty,
// opens the incident's replay in Chromium, and goes through it by keyboard: at the
// beginning nothing of the arrival is there, at the end it is; the page never looks
// like the present, and one key leads back to it. Then it asks the analyst's view about
// the same arrival.
func TestReplayAndAnalysisOfAnArrival(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	id := s.OpenIncident()
	s.Press("13")
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page))
	sitetest.Until(ctx, t, "the arrival", `fetch('/api/v1/incidents/`+id+`').then((r) => r.json()).then((i) => i.status === 'on_scene')`)
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page+"/replay/?incident="+id), chromedp.WaitVisible("#slider"))
	sitetest.Until(ctx, t, "the whole replay", `document.querySelector('#banner').textContent === 'MASA LALU — BUKAN KEADAAN SEKARANG'`)
	sitetest.Until(ctx, t, "it plays by itself", `document.querySelector('#play').getAttribute('aria-pressed') === 'true'`)
	sitetest.Do(ctx, t, chromedp.KeyEvent(" "))
	sitetest.Until(ctx, t, "the space bar pauses", `document.querySelector('#play').getAttribute('aria-pressed') === 'false'`)
	sitetest.Do(ctx, t, chromedp.KeyEvent(kb.End))
	sitetest.Until(ctx, t, "the arrival at the end", `document.querySelector('.timeline')?.textContent.includes('Tiba di lokasi — DAMKAR 1')`)
	sitetest.Do(ctx, t, chromedp.KeyEvent(kb.Home))
	sitetest.Until(ctx, t, "nothing at the beginning", `!document.querySelector('.timeline') && document.querySelector('#slider').value === '0'`)
	sitetest.Do(ctx, t, chromedp.KeyEvent("."))
	sitetest.Until(ctx, t, "the call is the first that happens", `document.querySelector('.timeline')?.textContent.includes('Panggilan diterima')`)
	if sitetest.ReadOff[bool](ctx, t, `document.querySelector('.timeline').textContent.includes('Tiba di lokasi') || document.querySelector('#close, #send, #note') !== null`) {
		t.Error("the arrival is known at the call, or the past can be acted on")
	}
	noSeriousFinding(ctx, t)
	sitetest.Do(ctx, t, chromedp.KeyEvent("p"))
	sitetest.Until(ctx, t, "one key leads back", `location.pathname === '/' && document.querySelector('#new') !== null`)

	// The analyst's view of the same: the arrival is a value of the response time, and
	// the question stands in the address.
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page+"/analysis/?period=all&by=unit"), chromedp.WaitVisible("table"))
	sitetest.Until(ctx, t, "a value", `document.querySelector('.summary').textContent.includes('n 1 ') && document.querySelectorAll('svg.chart').length === 3`)
	sitetest.Until(ctx, t, "its row", `[...document.querySelectorAll('tbody tr')].some((r) => r.textContent.startsWith('DAMKAR 1'))`)
	sitetest.Do(ctx, t, chromedp.KeyEvent("j"))
	sitetest.Until(ctx, t, "the next interval", `location.search.includes('interval=on_scene') && document.querySelector('.methods').textContent.includes('tim tiba di lokasi → tim selesai')`)
	sitetest.Until(ctx, t, "the files", `Promise.all(['#get-csv', '#get-json', '#get-html'].map((q) => fetch(document.querySelector(q).href).then((r) => r.ok))).then((all) => all.every(Boolean))`)
	sitetest.Do(ctx, t, chromedp.Click("#language"), chromedp.Click("#theme"))
	sitetest.Until(ctx, t, "English", `document.querySelector('.summary').textContent.includes('left out')`)
	noSeriousFinding(ctx, t)
}
