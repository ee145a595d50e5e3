package page

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// addPeople lets the page be used by those alone who sign in, as dispatchers, and returns
// their passwords.
func addPeople(s *sitetest.Site, names ...string) map[string]string {
	s.T.Helper()
	secrets := map[string]string{}
	for _, name := range names {
		secrets[name] = addPerson(s, name, "dispatcher")
	}
	s.ReplaceConfig("http: {", "http: {users_file: people, ")
	return secrets
}

// addPerson adds somebody to those who sign in.
func addPerson(s *sitetest.Site, name, role string) (secret string) {
	s.T.Helper()
	var out, errs bytes.Buffer
	if code := sitetest.Run(s.T.Context(), s.T, []string{"user", "add", name, "--role", role, "--file", filepath.Join(s.Dir, "people")}, nil, &out, &errs); code != sitetest.ExitDone {
		s.T.Fatalf("exit %d: %s", code, errs.String())
	}
	_, secret, _ = strings.Cut(strings.TrimSpace(out.String()), "password ")
	return secret
}

// signInAt signs somebody in with the page's own form.
func signInAt(s *sitetest.Site, ctx context.Context, t *testing.T, name, secret string) {
	t.Helper()
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible("#password"),
		chromedp.SendKeys("#name", name), chromedp.SendKeys("#password", secret+"\r"), chromedp.WaitVisible("#sign-out"))
	sitetest.Until(ctx, t, "the page does not come up to date", `document.getElementById("banner").hidden`)
}

// TestTwoDispatchersOnOneIncident: each in a Chromium of her own. What one does the
// other sees without doing anything, an alarm that one acknowledges is quiet at the
// other desk, and when both close at once there is one closing and one clear answer.
func TestTwoDispatchersOnOneIncident(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	secrets := addPeople(s, "rini", "budi")
	s.Start()
	rini, budi := sitetest.Chromium(t, sitetest.WithoutMap), sitetest.Chromium(t, sitetest.WithoutMap)
	signInAt(s, rini, t, "rini", secrets["rini"])
	signInAt(s, budi, t, "budi", secrets["budi"])

	sitetest.Do(rini, t, chromedp.Click("#new"), chromedp.Click(`input[value="fire"]`), chromedp.SendKeys(`input[name="where"]`, "talaga kulon"),
		chromedp.Click(`//*[@class="found"]/button[contains(.,"Talaga Kulon")]`), chromedp.Click("#create"), chromedp.WaitVisible(".card.selected"))
	sitetest.Do(budi, t, chromedp.WaitVisible(".alarm.new"), chromedp.KeyEvent("a"), chromedp.WaitVisible(".card.selected"))
	sitetest.Until(budi, t, "the alarm stays", `!document.querySelector(".alarm.new")`)

	sitetest.Do(budi, t, chromedp.Click("#send"), chromedp.SendKeys("#send-unit", "damkar\r"))
	sitetest.Do(rini, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Dikirim — DAMKAR 1")]`))
	s.Press("13")
	for _, desk := range []context.Context{rini, budi} {
		sitetest.Do(desk, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Tiba di lokasi — DAMKAR 1")]`))
	}
	sitetest.Do(rini, t, chromedp.Click("#note"), chromedp.SendKeys(`#detail input[name="text"]`, "dua korban\r"))
	sitetest.Do(budi, t, chromedp.WaitVisible(`//ol[@class="timeline"]//li[contains(@class,"note")][contains(.,"dua korban")][contains(.,"rini")]`))
	sitetest.Do(budi, t, chromedp.Click("#note"), chromedp.SendKeys(`#detail input[name="text"]`, "ambulans diminta\r"))
	sitetest.Do(rini, t, chromedp.WaitVisible(`//ol[@class="timeline"]//li[contains(@class,"note")][contains(.,"ambulans diminta")][contains(.,"budi")]`))

	sitetest.Do(rini, t, chromedp.Click("#close"), chromedp.WaitVisible("#close-now"))
	sitetest.Do(budi, t, chromedp.Click("#close"), chromedp.WaitVisible("#close-now"), chromedp.Click("#close-now"), chromedp.WaitVisible("#undo"))
	// Rini's form goes with the incident that it is about; her click, had it been
	// faster, would have got the gateway's answer.
	sitetest.Do(rini, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Ditutup")]`), chromedp.WaitNotPresent("#close, #close-now"))
	closings := sitetest.ReadOff[int](rini, t, `[...document.querySelectorAll(".timeline li")].filter(l => l.textContent.includes("Ditutup")).length`)
	if closings != 1 {
		t.Errorf("closed %d times", closings)
	}
	s.Stop()
}
