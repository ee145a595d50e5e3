package page

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestKeypadBesideSignIn: where people must sign in, a team's phone needs no session:
// its token is its proof, and opens nothing else.
func TestKeypadBesideSignIn(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	secrets := addPeople(s, "rini")
	s.Start()
	desk, phone := sitetest.Chromium(t, sitetest.WithoutMap), sitetest.Chromium(t, sitetest.WithoutMap)
	axeAtSignIn(desk, t, s.Page)
	signInAt(s, desk, t, "rini", secrets["rini"])
	sitetest.Do(desk, t, chromedp.KeyEvent("l"), chromedp.WaitVisible("#invite"), chromedp.Click(`#invite button[value="keypad"]`), chromedp.WaitVisible("#invitation .qr"))
	address := sitetest.ReadOff[string](desk, t, `document.getElementById("invitation-url").value`)

	sitetest.Do(phone, t, chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateMobile, chromedp.EmulateTouch),
		located(-6.8364, 108.2274, 8), chromedp.Navigate(address), chromedp.WaitVisible("#key-on_scene"))
	noSeriousFinding(phone, t)
	sitetest.Do(phone, t, chromedp.Click("#key-on_scene"), chromedp.WaitVisible("#presses li.sent"))
	sitetest.Until(desk, t, "the press does not show", `fetch("/api/v1/units").then(r => r.json()).then(u => u.features[0].properties.status === "on_scene")`)
	if code := sitetest.ReadOff[int](phone, t, `(() => { const r = new XMLHttpRequest(); r.open("GET", "/api/v1/units", false); r.send(); return r.status })()`); code != 401 {
		t.Errorf("a phone reads the units: %d", code)
	}
	// The page says what the device sent.
	sitetest.Do(desk, t, chromedp.KeyEvent("e"), chromedp.WaitVisible(`//*[@id="drawer"]//*[contains(@class,"linkrow")][contains(.,"DAMKAR 1")][contains(.,"diterima")]`))
	s.Stop()
}

// TestDevicesAreOnThePage: what every device sent, and why frames of it were refused.
func TestDevicesAreOnThePage(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	s.Press("12")
	s.Print(sitetest.Sentence("PKLDS,250000,A,0650.1840,S,10813.6740,E,000.0,000.0,231126,00.00,E00,102,1001,13,00,")) // no such hour
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible("#new"), chromedp.KeyEvent("e"), chromedp.WaitVisible("#find-device"))
	sitetest.Until(ctx, t, "the device is not listed", `document.querySelector('#drawer .linkrow[data-key="fleetsync:102-1001"]') !== null`)
	var ledger struct {
		Devices []struct {
			Device                    string
			Received, Stored, Refused int
			SetAside                  int    `json:"set_aside"`
			LastReason                string `json:"last_reason"`
		}
	}
	s.Get("/devices", &ledger)
	if len(ledger.Devices) != 1 || ledger.Devices[0].Refused != 1 || ledger.Devices[0].LastReason == "" {
		t.Fatalf("nothing was refused: %+v", ledger)
	}
	d := ledger.Devices[0]
	for _, want := range []string{fmt.Sprint(d.Received, " bingkai"), fmt.Sprint(d.Stored, " diterima"), fmt.Sprintf("%d ditolak (%d disisihkan)", d.Refused, d.SetAside), d.LastReason} {
		sitetest.Until(ctx, t, "the page does not say "+want, fmt.Sprintf(`document.querySelector('#drawer .linkrow[data-key="fleetsync:102-1001"]').textContent.includes(%q)`, want))
	}
	s.Stop()
}
