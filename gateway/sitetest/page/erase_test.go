package page

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestCallerIsErasedOnThePage: only an admin has the button, which asks for a reason and
// whether it is meant. The caller then is gone at every desk, from what was noted too,
// and all see that somebody was erased, and when.
func TestCallerIsErasedOnThePage(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	secrets := addPeople(s, "rini")
	secrets["ibu-kadis"] = addPerson(s, "ibu-kadis", "admin")
	s.Start()
	defer s.Stop()
	desk, admin := sitetest.Chromium(t, sitetest.WithoutMap), sitetest.Chromium(t, sitetest.WithoutMap)
	questions := answered(admin, t, true)
	signInAt(s, desk, t, "rini", secrets["rini"])
	sitetest.Do(desk, t, chromedp.Click("#new"), chromedp.Click(`input[value="fire"]`), chromedp.SendKeys(`input[name="where"]`, "talaga kulon"),
		chromedp.Click(`//*[@class="found"]/button[contains(.,"Talaga Kulon")]`), chromedp.SendKeys(`input[name="caller"]`, "Bu Euis 081234567890"), chromedp.Click("#create"),
		chromedp.WaitVisible(`//*[@id="detail"]//p[contains(.,"Pelapor: Bu Euis 081234567890")]`),
		chromedp.Click("#note"), chromedp.SendKeys(`#detail input[name="text"]`, "Bu Euis 081234567890 menunggu di jalan\r"),
		chromedp.WaitVisible(`//ol[@class="timeline"]//li[contains(@class,"note")][contains(.,"Bu Euis")]`))
	if sitetest.ReadOff[bool](desk, t, `Boolean(document.getElementById("erase"))`) {
		t.Error("a dispatcher may erase")
	}

	signInAt(s, admin, t, "ibu-kadis", secrets["ibu-kadis"])
	sitetest.Do(admin, t, chromedp.Click(".card"), chromedp.Click("#erase"), chromedp.SendKeys(`#detail input[name="why"]`, "diminta pelapor\r"))
	if q := <-questions; !strings.Contains(q, "tidak bisa diurungkan") {
		t.Errorf("erasing asks %q", q)
	}
	for name, page := range map[string]context.Context{"admin": admin, "dispatcher": desk} {
		sitetest.Do(page, t, chromedp.WaitVisible("#erased"))
		sitetest.Until(page, t, "the caller is still on the page of the "+name, `!document.body.innerText.includes("Euis") && !document.body.innerText.includes("081234567890")`)
		sitetest.Until(page, t, "the note does not say that somebody was erased", `document.querySelector(".timeline li.note").textContent.includes("[dihapus / erased] menunggu di jalan")`)
	}
	sitetest.Until(admin, t, "the form stays", `!document.querySelector("form.ask") && !document.getElementById("erase")`)
	noSeriousFinding(admin, t)
}
