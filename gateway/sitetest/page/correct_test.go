package page

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
	"htgateway/geo"
)

// TestSlipIsAskedForTwice: an arrival entered before the unit was sent shows what it would
// change, is not taken, and is taken when it is sent again.
func TestSlipIsAskedForTwice(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	called := time.Now().Add(-30 * time.Minute).UTC().Truncate(time.Second) // the form has whole seconds
	var in struct{ ID string }
	s.Post("/incidents", map[string]any{"category": "fire", "received_at": called, "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &in)
	s.Post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{"damkar-1"}}, nil)
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	arrived := func(expression string) string {
		return fmt.Sprintf(`fetch("/api/v1/incidents/%s").then((r) => r.json()).then((i) => i.milestones.filter((m) => m.milestone === "on_scene")).then((m) => %s)`, in.ID, expression)
	}
	at := func(minutes int) chromedp.Action[chromedp.Void] {
		return chromedp.SetValue(`form.ask input[name="at"]`, called.Add(time.Duration(minutes)*time.Minute).In(geo.WIB()).Format("2006-01-02T15:04:05"))
	}
	enter := chromedp.Click(`form.ask button[type="submit"]`)
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.Click(".card"), chromedp.WaitVisible("#voice"),
		chromedp.KeyEvent("v"), chromedp.WaitVisible(`form.ask select[name="milestone"]`), at(10), enter,
		chromedp.WaitVisible(`//ul[@id="effects"]/li[contains(text(),"Kabar tiba DAMKAR 1: berjalan")]`))
	sitetest.Until(ctx, t, "it was taken at once", arrived("m.length === 0"))
	// Another time is another question.
	sitetest.Do(ctx, t, at(12), enter)
	sitetest.Until(ctx, t, "another time was taken unasked", arrived("m.length === 0"))
	sitetest.Until(ctx, t, "the form does not show the time any more", `document.querySelector('form.ask input[name="at"]').value.endsWith("`+called.Add(12*time.Minute).In(geo.WIB()).Format("04:05")+`")`)
	sitetest.Until(ctx, t, "the new effect is not shown", `document.querySelector("#effects")?.textContent.includes("12:00")`)
	sitetest.Do(ctx, t, enter)
	sitetest.Until(ctx, t, "it was not taken", arrived(`m.length === 1 && Math.abs(new Date(m[0].at) - new Date("`+called.Add(12*time.Minute).Format(time.RFC3339)+`")) < 1000`))
	sitetest.Until(ctx, t, "the form stays", `!document.querySelector("#detail form.ask")`)
}
