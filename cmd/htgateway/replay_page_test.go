package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestReplayAndAnalysisOfAnArrival lets a unit reach an incident by its key on the pty,
// opens the incident's replay in Chromium, and goes through it by keyboard: at the
// beginning nothing of the arrival is there, at the end it is; the page never looks
// like the present, and one key leads back to it. Then it asks the analyst's view about
// the same arrival.
func TestReplayAndAnalysisOfAnArrival(t *testing.T) {
	if !pageBuilt(t) {
		return
	}
	s := newSite(t)
	s.start()
	defer s.stop()
	id := s.reach()
	s.press("13")
	ctx := chromium(t, withoutMap)
	do(ctx, t, chromedp.Navigate(s.page))
	until(ctx, t, "the arrival", `fetch('/api/v1/incidents/`+id+`').then((r) => r.json()).then((i) => i.status === 'on_scene')`)
	do(ctx, t, chromedp.Navigate(s.page+"/replay/?incident="+id), chromedp.WaitVisible("#slider"))
	until(ctx, t, "the whole replay", `document.querySelector('#banner').textContent === 'MASA LALU — BUKAN KEADAAN SEKARANG'`)
	until(ctx, t, "it plays by itself", `document.querySelector('#play').getAttribute('aria-pressed') === 'true'`)
	do(ctx, t, chromedp.KeyEvent(" "))
	until(ctx, t, "the space bar pauses", `document.querySelector('#play').getAttribute('aria-pressed') === 'false'`)
	do(ctx, t, chromedp.KeyEvent(kb.End))
	until(ctx, t, "the arrival at the end", `document.querySelector('.timeline')?.textContent.includes('Tiba di lokasi — DAMKAR 1')`)
	do(ctx, t, chromedp.KeyEvent(kb.Home))
	until(ctx, t, "nothing at the beginning", `!document.querySelector('.timeline') && document.querySelector('#slider').value === '0'`)
	do(ctx, t, chromedp.KeyEvent("."))
	until(ctx, t, "the call is the first that happens", `document.querySelector('.timeline')?.textContent.includes('Panggilan diterima')`)
	if readOff[bool](ctx, t, `document.querySelector('.timeline').textContent.includes('Tiba di lokasi') || document.querySelector('#close, #send, #note') !== null`) {
		t.Error("the arrival is known at the call, or the past can be acted on")
	}
	noSeriousFinding(ctx, t)
	do(ctx, t, chromedp.KeyEvent("p"))
	until(ctx, t, "one key leads back", `location.pathname === '/' && document.querySelector('#new') !== null`)

	// The analyst's view of the same: the arrival is a value of the response time, and
	// the question stands in the address.
	do(ctx, t, chromedp.Navigate(s.page+"/analysis/?period=all&by=unit"), chromedp.WaitVisible("table"))
	until(ctx, t, "a value", `document.querySelector('.summary').textContent.includes('n 1 ') && document.querySelectorAll('svg.chart').length === 3`)
	until(ctx, t, "its row", `[...document.querySelectorAll('tbody tr')].some((r) => r.textContent.startsWith('DAMKAR 1'))`)
	do(ctx, t, chromedp.KeyEvent("j"))
	until(ctx, t, "the next interval", `location.search.includes('interval=on_scene') && document.querySelector('.methods').textContent.includes('tim tiba di lokasi → tim selesai')`)
	until(ctx, t, "the files", `Promise.all(['#get-csv', '#get-json', '#get-html'].map((q) => fetch(document.querySelector(q).href).then((r) => r.ok))).then((all) => all.every(Boolean))`)
	do(ctx, t, chromedp.Click("#language"), chromedp.Click("#theme"))
	until(ctx, t, "English", `document.querySelector('.summary').textContent.includes('left out')`)
	noSeriousFinding(ctx, t)
}
