package page

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestEveryViewSatisfiesAxe goes through every view in both themes: axe-core has no
// serious finding in any. (The map's own controls are looked at in
// TestPageSoundsABreach.)
func TestEveryViewSatisfiesAxe(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	id := s.OpenIncident()
	events := s.Events("0")
	s.Press("13")
	s.Await(events, "the arrival", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	s.Post("/incidents/"+id+"/notes", map[string]string{"text": "dua korban"}, nil)
	s.Print("$PKLID,00,102,1002,12,00,*69\r\n") // a stranger, for the list of links
	s.Print(sitetest.Sentence("PKLID,xx,102,1001,12"))

	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	for _, theme := range []string{"dark", "light"} {
		sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible("#new"))
		sitetest.ReadOff[bool](ctx, t, `(localStorage.setItem("theme", "`+theme+`"), true)`)
		sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible(".card"))
		sitetest.Until(ctx, t, "the page is behind", `document.getElementById("banner").hidden`)
		for _, v := range []struct {
			name string
			open []chromedp.Action[chromedp.Void]
		}{
			{"an incident's evidence", []chromedp.Action[chromedp.Void]{chromedp.Click(".card"), chromedp.Click(".timeline .more"), chromedp.WaitVisible(".evidence")}},
			{"sending units", []chromedp.Action[chromedp.Void]{chromedp.KeyEvent("s"), chromedp.WaitVisible("#send-unit")}},
			{"closing", []chromedp.Action[chromedp.Void]{chromedp.KeyEvent("\x1b"), chromedp.Click("#close"), chromedp.WaitVisible("#close-now")}},
			{"a unit", []chromedp.Action[chromedp.Void]{chromedp.KeyEvent("\x1b"), chromedp.Click("#tab-units"), chromedp.Click(".unitrow"), chromedp.WaitVisible("#follow")}},
			{"links", []chromedp.Action[chromedp.Void]{chromedp.KeyEvent("l"), chromedp.WaitVisible(".adopt")}},
			{"devices", []chromedp.Action[chromedp.Void]{chromedp.KeyEvent("e"), chromedp.WaitVisible("#drawer .linkrow")}},
			{"help", []chromedp.Action[chromedp.Void]{chromedp.KeyEvent("?"), chromedp.WaitVisible("dl.keys")}},
			{"a new incident", []chromedp.Action[chromedp.Void]{chromedp.KeyEvent("\x1b"), chromedp.KeyEvent("n"), chromedp.WaitVisible("#create")}},
			{"a phone", []chromedp.Action[chromedp.Void]{chromedp.KeyEvent("\x1b"), chromedp.EmulateViewport(phoneWidth, phoneHeight), chromedp.WaitVisible("#panes")}},
		} {
			sitetest.Do(ctx, t, v.open...)
			t.Run(theme+"/"+v.name, func(t *testing.T) { noSeriousFinding(ctx, t) })
		}
		sitetest.Do(ctx, t, chromedp.EmulateViewport(1400, 850))
	}
	s.Stop()
}

// axeAtSignIn is the door itself, which has no script and hence one view.
func axeAtSignIn(ctx context.Context, t *testing.T, page string) {
	t.Helper()
	sitetest.Do(ctx, t, chromedp.Navigate(page), chromedp.WaitVisible("#password"))
	noSeriousFinding(ctx, t)
}
