package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
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
func (s *site) keypadOf(ctx context.Context, t *testing.T, callSign string, over *cable) (unit string) {
	t.Helper()
	var made struct{ ID string }
	s.post("/units", map[string]string{"call_sign": callSign, "agency": "Damkar"}, &made)
	var device struct{ URL string }
	s.post("/units/"+made.ID+"/devices", map[string]string{"app": "keypad"}, &device)
	do(ctx, t,
		chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateMobile, chromedp.EmulateTouch),
		located(-6.8364, 108.2274, 8),
		chromedp.Navigate(strings.Replace(device.URL, s.page, "http://"+over.addr, 1)),
		chromedp.WaitVisible("#key-on_scene"),
	)
	return made.ID
}

// TestKeypad: a team without a radio presses its keys on a phone. A press counts as
// a radio's key does; without network it is kept with the phone's own time, across
// a reload, and arrives once when the network is back.
func TestKeypad(t *testing.T) {
	if !pageBuilt(t) {
		return
	}
	s := newSite(t)
	s.start()
	ctx := chromium(t)
	line := newCable(t, strings.TrimPrefix(s.page, "http://"))
	unit := s.keypadOf(ctx, t, "DAMKAR 2", line)
	if at := readOff[string](ctx, t, "location.href"); strings.Contains(at, "token") {
		t.Errorf("the token stays in the address bar: %s", at)
	}
	var in struct{ ID string }
	s.post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &in)
	s.post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{unit}}, nil)
	events := s.events("")
	milestone := func(name string) func(update) bool {
		return func(u update) bool {
			return u.Unit == unit && u.Milestone != nil && u.Milestone.Milestone == name && u.Milestone.Evidence == "key"
		}
	}

	do(ctx, t, chromedp.WaitVisible(`//*[@id="fix"][contains(text(),"±8 m")]`), chromedp.Click("#key-on_scene"),
		chromedp.WaitVisible(`#presses li.sent`))
	s.await(events, "the arrival", milestone("on_scene"))

	// The worker has the page only once it is ready.
	if ready, err := chromedp.Run(ctx, chromedp.Poll[bool]("navigator.serviceWorker.controller !== null")); err != nil || !ready {
		t.Fatalf("no service worker: %v", err)
	}
	line.cut()
	before := time.Now()
	do(ctx, t, chromedp.Click("#key-completed"), chromedp.WaitVisible(`//*[@id="line"][contains(text(),"menunggu (1)")]`))
	after := time.Now()
	do(ctx, t, chromedp.Reload(), chromedp.WaitVisible(`//*[@id="presses"]/li[contains(@class,"waiting")]/b[text()="SELESAI"]`))

	back := time.Now()
	line.mend()
	do(ctx, t, chromedp.WaitVisible(`//*[@id="line"][contains(text(),"Semua terkirim")]`))
	completed := s.await(events, "the completion", milestone("completed"))
	var report struct {
		DeviceTime time.Time `json:"device_time"`
		ReceivedAt time.Time `json:"received_at"`
	}
	s.get("/reports/"+completed.Milestone.Report, &report)
	// The page's clock has milliseconds.
	if report.DeviceTime.Before(before.Truncate(time.Millisecond)) || report.DeviceTime.After(after) || report.ReceivedAt.Before(back) {
		t.Errorf("pressed between %s and %s, network back at %s: %+v", before, after, back, report)
	}
	do(ctx, t, chromedp.Click("#key-available"), chromedp.WaitVisible("#key-available small.sent"))
	s.await(events, "the next press, and the completion only once", func(u update) bool {
		if u.Unit == unit && u.Status == "completed" && u.Report != completed.Milestone.Report {
			t.Errorf("another completion: %+v", u)
		}
		return u.Unit == unit && u.Status == "available"
	})
	s.stop()
}

// TestKeypadEmergencyIsHeld: a tap on DARURAT does nothing, holding it calls.
func TestKeypadEmergencyIsHeld(t *testing.T) {
	if !pageBuilt(t) {
		return
	}
	s := newSite(t)
	s.start()
	ctx := chromium(t)
	unit := s.keypadOf(ctx, t, "DAMKAR 3", newCable(t, strings.TrimPrefix(s.page, "http://")))
	events := s.events("")
	do(ctx, t, chromedp.WaitVisible(`//*[@id="fix"][contains(text(),"±8 m")]`), chromedp.Click("#emergency"))
	until(ctx, t, "the tap is over", `new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => seen(true))))`)
	do(ctx, t, chromedp.Click("#key-en_route"), chromedp.WaitVisible("#presses li.sent"))
	if n := readOff[int](ctx, t, `document.querySelectorAll("#presses li").length`); n != 1 {
		t.Errorf("a tap and a key are %d presses", n)
	}
	readOff[bool](ctx, t, `document.getElementById("emergency").dispatchEvent(new PointerEvent("pointerdown"))`)
	do(ctx, t, chromedp.WaitVisible(`//*[@id="presses"]/li[contains(@class,"sent")]/b[text()="DARURAT"]`))
	s.await(events, "the emergency", func(u update) bool { return u.Unit == unit && u.Kind == "alert" })
	s.stop()
}
