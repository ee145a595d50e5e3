package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestPagePlaysAnIncident opens the page in Chromium, makes an incident by hand,
// sends the radio unit to it, presses its key on the pty, and reads the arrival
// off the screen.
func TestPagePlaysAnIncident(t *testing.T) {
	if _, err := os.Stat("../../gateway/web/dist/index.html"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the page is not built: make page")
		}
		t.Log("the page is not built (make page); checking that the binary says so")
	}
	s := newSite(t)
	s.start()
	defer s.stop()
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.Flag("use-angle", "swiftshader"), chromedp.Flag("enable-unsafe-swiftshader", true),
		chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1400, 850), chromedp.UserDataDir(t.TempDir()))...)
	defer cancel()
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, err := os.Stat("../../gateway/web/dist/index.html"); err != nil {
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

// do runs actions one after the other.
func do(ctx context.Context, t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for i, a := range actions {
		if _, err := chromedp.Run(ctx, a); err != nil {
			t.Fatalf("step %d on the page: %v", i+1, err)
		}
	}
}
