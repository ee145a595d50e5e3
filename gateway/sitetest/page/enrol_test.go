package page

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestDispatcherEnrolsOnThePage makes a unit and gets its keypad's code, then binds
// a radio that nobody knew with one click: the key that it pressed before counts.
func TestDispatcherEnrolsOnThePage(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	s.Print("$PKLID,00,102,1002,12,00,*69\r\n")
	ctx := sitetest.Chromium(t)
	const stranger = `.linkrow[data-key="fleetsync:102-1002"]`
	sitetest.Do(ctx, t,
		chromedp.Navigate(s.Page),
		chromedp.WaitVisible("#links button"),
		chromedp.Click("#links button"),
		chromedp.WaitVisible(stranger),
		chromedp.SendKeys(`#make-unit input[name="call_sign"]`, "DAMKAR 2"),
		chromedp.SendKeys(`#make-unit input[name="agency"]`, "Damkar\r"),
		chromedp.WaitVisible("#invitation .qr"),
	)
	if address := sitetest.ReadOff[string](ctx, t, `document.getElementById("invitation-url").value`); !strings.HasPrefix(address, s.Page+"/keypad/#device=damkar-2-") {
		t.Errorf("the code leads to %q", address)
	}
	sitetest.ReadOff[string](ctx, t, `document.querySelector('`+stranger+` select').value = "damkar-2"`)
	sitetest.Do(ctx, t, chromedp.Click(stranger+" button"), chromedp.WaitNotPresent(stranger))
	if got := s.UnitStatus("damkar-2"); got != "en_route" {
		t.Errorf("what the radio said before it was bound: %q", got)
	}
	s.Stop()
}
