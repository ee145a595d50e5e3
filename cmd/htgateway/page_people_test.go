package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// people lets the page be used by those alone who sign in, and returns their passwords.
func (s *site) people(names ...string) map[string]string {
	s.t.Helper()
	secrets := map[string]string{}
	for _, name := range names {
		var out, errs bytes.Buffer
		if code := run(s.t.Context(), []string{"user", "add", name, "--role", "dispatcher", "--file", filepath.Join(s.dir, "people")}, nil, &out, &errs); code != exitDone {
			s.t.Fatalf("exit %d: %s", code, errs.String())
		}
		_, secret, _ := strings.Cut(strings.TrimSpace(out.String()), "password ")
		secrets[name] = secret
	}
	s.replaceConfig("http: {", "http: {users_file: people, ")
	return secrets
}

// signInAt signs somebody in with the page's own form.
func (s *site) signInAt(ctx context.Context, t *testing.T, name, secret string) {
	t.Helper()
	do(ctx, t, chromedp.Navigate(s.page), chromedp.WaitVisible("#password"),
		chromedp.SendKeys("#name", name), chromedp.SendKeys("#password", secret+"\r"), chromedp.WaitVisible("#new"))
	until(ctx, t, "the page does not come up to date", `document.getElementById("banner").hidden`)
}

// TestTwoDispatchersOnOneIncident: each in a Chromium of her own. What one does the
// other sees without doing anything, an alarm that one acknowledges is quiet at the
// other desk, and when both close at once there is one closing and one clear answer.
func TestTwoDispatchersOnOneIncident(t *testing.T) {
	if !pageBuilt(t) {
		return
	}
	s := newSite(t)
	secrets := s.people("rini", "budi")
	s.start()
	rini, budi := chromium(t, withoutMap), chromium(t, withoutMap)
	s.signInAt(rini, t, "rini", secrets["rini"])
	s.signInAt(budi, t, "budi", secrets["budi"])

	do(rini, t, chromedp.Click("#new"), chromedp.Click(`input[value="fire"]`), chromedp.SendKeys(`input[name="where"]`, "talaga kulon"),
		chromedp.Click(".found button"), chromedp.Click("#create"), chromedp.WaitVisible(".card.selected"))
	do(budi, t, chromedp.WaitVisible(".alarm.new"), chromedp.KeyEvent("a"), chromedp.WaitVisible(".card.selected"))
	until(budi, t, "the alarm stays", `!document.querySelector(".alarm.new")`)

	do(budi, t, chromedp.Click("#send"), chromedp.SendKeys("#send-unit", "damkar\r"))
	do(rini, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Dikirim — DAMKAR 1")]`))
	s.press("13")
	for _, desk := range []context.Context{rini, budi} {
		do(desk, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Tiba di lokasi — DAMKAR 1")]`))
	}
	do(rini, t, chromedp.Click("#note"), chromedp.SendKeys(`#detail input[name="text"]`, "dua korban\r"))
	do(budi, t, chromedp.WaitVisible(`//ol[@class="timeline"]//li[contains(@class,"note")][contains(.,"dua korban")][contains(.,"rini")]`))
	do(budi, t, chromedp.Click("#note"), chromedp.SendKeys(`#detail input[name="text"]`, "ambulans diminta\r"))
	do(rini, t, chromedp.WaitVisible(`//ol[@class="timeline"]//li[contains(@class,"note")][contains(.,"ambulans diminta")][contains(.,"budi")]`))

	do(rini, t, chromedp.Click("#close"), chromedp.WaitVisible("#close-now"))
	do(budi, t, chromedp.Click("#close"), chromedp.WaitVisible("#close-now"), chromedp.Click("#close-now"), chromedp.WaitVisible("#undo"))
	// Rini's form goes with the incident that it is about; her click, had it been
	// faster, would have got the gateway's answer.
	do(rini, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Ditutup")]`), chromedp.WaitNotPresent("#close"))
	closings := readOff[int](rini, t, `[...document.querySelectorAll(".timeline li")].filter(l => l.textContent.includes("Ditutup")).length`)
	if closings != 1 {
		t.Errorf("closed %d times", closings)
	}
	s.stop()
}

// TestKeypadBesideSignIn: where people must sign in, a team's phone needs no session:
// its token is its proof, and opens nothing else.
func TestKeypadBesideSignIn(t *testing.T) {
	if !pageBuilt(t) {
		return
	}
	s := newSite(t)
	secrets := s.people("rini")
	s.start()
	desk, phone := chromium(t, withoutMap), chromium(t, withoutMap)
	axeAtSignIn(desk, t, s.page)
	s.signInAt(desk, t, "rini", secrets["rini"])
	do(desk, t, chromedp.KeyEvent("l"), chromedp.WaitVisible("#invite"), chromedp.Click(`#invite button[value="keypad"]`), chromedp.WaitVisible("#invitation .qr"))
	address := readOff[string](desk, t, `document.getElementById("invitation-url").value`)

	do(phone, t, chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateMobile, chromedp.EmulateTouch),
		located(-6.8364, 108.2274, 8), chromedp.Navigate(address), chromedp.WaitVisible("#key-on_scene"))
	noSeriousFinding(phone, t)
	do(phone, t, chromedp.Click("#key-on_scene"), chromedp.WaitVisible("#presses li.sent"))
	until(desk, t, "the press does not show", `fetch("/api/v1/units").then(r => r.json()).then(u => u.features[0].properties.status === "on_scene")`)
	if code := readOff[int](phone, t, `(() => { const r = new XMLHttpRequest(); r.open("GET", "/api/v1/units", false); r.send(); return r.status })()`); code != 401 {
		t.Errorf("a phone reads the units: %d", code)
	}
	// The page says what the device sent.
	do(desk, t, chromedp.KeyEvent("e"), chromedp.WaitVisible(`//*[@id="drawer"]//*[contains(@class,"linkrow")][contains(.,"DAMKAR 1")][contains(.,"diterima")]`))
	s.stop()
}

// TestDevicesAreOnThePage: what every device sent, and why frames of it were refused.
func TestDevicesAreOnThePage(t *testing.T) {
	if !pageBuilt(t) {
		return
	}
	s := newSite(t)
	s.start()
	s.press("12")
	s.say(sentence("PKLDS,250000,A,0650.1840,S,10813.6740,E,000.0,000.0,231126,00.00,E00,102,1001,13,00,")) // no such hour
	ctx := chromium(t, withoutMap)
	do(ctx, t, chromedp.Navigate(s.page), chromedp.WaitVisible("#new"), chromedp.KeyEvent("e"), chromedp.WaitVisible("#find-device"))
	until(ctx, t, "the device is not listed", `document.querySelector('#drawer .linkrow[data-key="fleetsync:102-1001"]') !== null`)
	var ledger struct {
		Devices []struct {
			Device                               string
			Received, Stored, Refused, Set_aside int
			Last_reason                          string
		}
	}
	s.get("/devices", &ledger)
	if len(ledger.Devices) != 1 || ledger.Devices[0].Refused != 1 || ledger.Devices[0].Last_reason == "" {
		t.Fatalf("nothing was refused: %+v", ledger)
	}
	d := ledger.Devices[0]
	for _, want := range []string{fmt.Sprint(d.Received, " bingkai"), fmt.Sprint(d.Stored, " diterima"), fmt.Sprintf("%d ditolak (%d disisihkan)", d.Refused, d.Set_aside), d.Last_reason} {
		until(ctx, t, "the page does not say "+want, fmt.Sprintf(`document.querySelector('#drawer .linkrow[data-key="fleetsync:102-1001"]').textContent.includes(%q)`, want))
	}
	s.stop()
}
