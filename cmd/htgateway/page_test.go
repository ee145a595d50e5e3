package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPagePlaysAnIncident opens the page in Chromium, makes an incident by hand,
// sends the radio unit to it, presses its key on the pty, and reads the arrival
// off the screen.
func TestPagePlaysAnIncident(t *testing.T) {
	s := newSite(t)
	s.start()
	defer s.stop()
	ctx := chromium(t)
	if !pageBuilt(t) {
		do(ctx, t, chromedp.Navigate(s.page))
		if text, err := chromedp.Run(ctx, chromedp.Text("p")); err != nil || !strings.Contains(text, "make page") {
			t.Fatalf("%q, %v", text, err)
		}
		return
	}
	do(ctx, t,
		chromedp.Navigate(s.page),
		chromedp.WaitReady(`#map[data-ready="yes"]`),
		chromedp.Click("#new"),
		chromedp.Click(`input[value="fire"]`),
		chromedp.SendKeys(`input[name="where"]`, "talaga kulon"),
		chromedp.Click(".found button"),
		chromedp.SendKeys(`input[name="description"]`, "<b>Kebakaran</b>"),
		chromedp.Click("#create"),
		chromedp.WaitVisible(".card.selected"),
		chromedp.Click("#send"),
		chromedp.SendKeys("#send-unit", "damkar\r"),
		chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Dikirim — DAMKAR 1")]`),
	)
	s.press("13")
	do(ctx, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Tiba di lokasi — DAMKAR 1")]`))
	timeline, err := chromedp.Run(ctx, chromedp.Text(".timeline"))
	if err != nil || !strings.Contains(timeline, "tombol") {
		t.Fatalf("%q, %v", timeline, err)
	}
}
