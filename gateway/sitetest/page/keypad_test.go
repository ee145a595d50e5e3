package page

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// command sends one command of the DevTools protocol.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, c, params)
		return err
	})
}

// located puts the browser at a place and lets pages know it.
func located(lat, lon, accuracyM float64) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(
		command(browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: "geolocation"}, Setting: browser.PermissionSettingGranted,
		}),
		command(emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{Latitude: &lat, Longitude: &lon, Accuracy: &accuracyM}),
	)
}

const (
	phoneWidth  = 390
	phoneHeight = 844
)

// keypadOf enrols a keypad for a new unit and opens its address on a phone, which
// reaches the gateway by a cable.
func keypadOf(s *sitetest.Site, ctx context.Context, t *testing.T, callSign string, over *sitetest.Cable) (unit string) {
	t.Helper()
	var made struct{ ID string }
	s.Post("/units", map[string]string{"call_sign": callSign, "agency": "Damkar"}, &made)
	var device struct{ URL string }
	s.Post("/units/"+made.ID+"/devices", map[string]string{"app": "keypad"}, &device)
	sitetest.Do(ctx, t,
		chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateMobile, chromedp.EmulateTouch),
		located(-6.8364, 108.2274, 8),
		chromedp.Navigate(strings.Replace(device.URL, s.Page, "http://"+over.Addr, 1)),
		chromedp.WaitVisible("#key-on_scene"),
	)
	return made.ID
}

// TestKeypad: a team without a radio presses its keys on a phone. A press counts as
// a radio's key does; without network it is kept with the phone's own time, across
// a reload, and arrives once when the network is back.
func TestKeypad(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	ctx := sitetest.Chromium(t)
	line := sitetest.NewCable(t, strings.TrimPrefix(s.Page, "http://"))
	unit := keypadOf(s, ctx, t, "DAMKAR 2", line)
	if at := sitetest.ReadOff[string](ctx, t, "location.href"); strings.Contains(at, "token") {
		t.Errorf("the token stays in the address bar: %s", at)
	}
	var in struct{ ID string }
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &in)
	s.Post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{unit}}, nil)
	events := s.Events("")
	milestone := func(name string) func(sitetest.Update) bool {
		return func(u sitetest.Update) bool {
			return u.Unit == unit && u.Milestone != nil && u.Milestone.Milestone == name && u.Milestone.Evidence == "key"
		}
	}

	sitetest.Do(ctx, t, chromedp.WaitVisible(`//*[@id="fix"][contains(text(),"±8 m")]`), chromedp.Click("#key-on_scene"),
		chromedp.WaitVisible(`#presses li.sent`))
	s.Await(events, "the arrival", milestone("on_scene"))

	// The worker has the page only once it is ready.
	if ready, err := chromedp.Run(ctx, chromedp.Poll[bool]("navigator.serviceWorker.controller !== null")); err != nil || !ready {
		t.Fatalf("no service worker: %v", err)
	}
	line.Cut()
	before := time.Now()
	sitetest.Do(ctx, t, chromedp.Click("#key-completed"), chromedp.WaitVisible(`//*[@id="line"][contains(text(),"menunggu (1)")]`))
	after := time.Now()
	sitetest.Do(ctx, t, chromedp.Reload(), chromedp.WaitVisible(`//*[@id="presses"]/li[contains(@class,"waiting")]/b[text()="SELESAI"]`))

	back := time.Now()
	line.Mend()
	sitetest.Do(ctx, t, chromedp.WaitVisible(`//*[@id="line"][contains(text(),"Semua terkirim")]`))
	completed := s.Await(events, "the completion", milestone("completed"))
	var report struct {
		DeviceTime time.Time `json:"device_time"`
		ReceivedAt time.Time `json:"received_at"`
	}
	s.Get("/reports/"+completed.Milestone.Report, &report)
	// The page's clock has milliseconds.
	if report.DeviceTime.Before(before.Truncate(time.Millisecond)) || report.DeviceTime.After(after) || report.ReceivedAt.Before(back) {
		t.Errorf("pressed between %s and %s, network back at %s: %+v", before, after, back, report)
	}
	sitetest.Do(ctx, t, chromedp.Click("#key-available"), chromedp.WaitVisible("#key-available small.sent"))
	s.Await(events, "the next press, and the completion only once", func(u sitetest.Update) bool {
		if u.Unit == unit && u.Status == "completed" && u.Report != completed.Milestone.Report {
			t.Errorf("another completion: %+v", u)
		}
		return u.Unit == unit && u.Status == "available"
	})
	s.Stop()
}

// TestKeypadEmergencyIsHeld: a tap on DARURAT does nothing, holding it calls.
func TestKeypadEmergencyIsHeld(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	ctx := sitetest.Chromium(t)
	unit := keypadOf(s, ctx, t, "DAMKAR 3", sitetest.NewCable(t, strings.TrimPrefix(s.Page, "http://")))
	events := s.Events("")
	sitetest.Do(ctx, t, chromedp.WaitVisible(`//*[@id="fix"][contains(text(),"±8 m")]`), chromedp.Click("#emergency"))
	sitetest.Until(ctx, t, "the tap is over", `new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => seen(true))))`)
	sitetest.Do(ctx, t, chromedp.Click("#key-en_route"), chromedp.WaitVisible("#presses li.sent"))
	if n := sitetest.ReadOff[int](ctx, t, `document.querySelectorAll("#presses li").length`); n != 1 {
		t.Errorf("a tap and a key are %d presses", n)
	}
	sitetest.ReadOff[bool](ctx, t, `document.getElementById("emergency").dispatchEvent(new PointerEvent("pointerdown"))`)
	sitetest.Do(ctx, t, chromedp.WaitVisible(`//*[@id="presses"]/li[contains(@class,"sent")]/b[text()="DARURAT"]`))
	s.Await(events, "the emergency", func(u sitetest.Update) bool { return u.Unit == unit && u.Kind == "alert" })
	s.Stop()
}
