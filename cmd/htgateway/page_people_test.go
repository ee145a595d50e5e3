package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// people lets the page be used by those alone who sign in, as dispatchers, and returns
// their passwords.
func (s *site) people(names ...string) map[string]string {
	s.t.Helper()
	secrets := map[string]string{}
	for _, name := range names {
		secrets[name] = s.person(name, "dispatcher")
	}
	s.replaceConfig("http: {", "http: {users_file: people, ")
	return secrets
}

// person adds somebody to those who sign in.
func (s *site) person(name, role string) (secret string) {
	s.t.Helper()
	var out, errs bytes.Buffer
	if code := run(s.t.Context(), []string{"user", "add", name, "--role", role, "--file", filepath.Join(s.dir, "people")}, nil, &out, &errs); code != exitDone {
		s.t.Fatalf("exit %d: %s", code, errs.String())
	}
	_, secret, _ = strings.Cut(strings.TrimSpace(out.String()), "password ")
	return secret
}

// signInAt signs somebody in with the page's own form.
func (s *site) signInAt(ctx context.Context, t *testing.T, name, secret string) {
	t.Helper()
	do(ctx, t, chromedp.Navigate(s.page), chromedp.WaitVisible("#password"),
		chromedp.SendKeys("#name", name), chromedp.SendKeys("#password", secret+"\r"), chromedp.WaitVisible("#sign-out"))
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
	do(rini, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Ditutup")]`), chromedp.WaitNotPresent("#close, #close-now"))
	closings := readOff[int](rini, t, `[...document.querySelectorAll(".timeline li")].filter(l => l.textContent.includes("Ditutup")).length`)
	if closings != 1 {
		t.Errorf("closed %d times", closings)
	}
	s.stop()
}
