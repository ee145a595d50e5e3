package main

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPagePlaysAnIncident plays a whole incident in Chromium, from the call to the
// printed record: made by hand, the radio unit sent and its keys pressed on the pty,
// each read off the screen, the raw frame looked at, closed within the two minutes,
// and the sheet printed.
func TestPagePlaysAnIncident(t *testing.T) {
	s := newSite(t)
	s.start()
	ctx := chromium(t)
	if !pageBuilt(t) {
		do(ctx, t, chromedp.Navigate(s.page))
		if text, err := chromedp.Run(ctx, chromedp.Text("p")); err != nil || !strings.Contains(text, "make page") {
			t.Fatalf("%q, %v", text, err)
		}
		return
	}
	do(ctx, t,
		chromedp.Navigate(s.page),
		chromedp.WaitReady(`#map[data-ready="yes"]`),
		chromedp.Click("#new"),
		chromedp.Click(`input[value="fire"]`),
		chromedp.SendKeys(`input[name="where"]`, "talaga kulon"),
		chromedp.Click(".found button"),
		chromedp.SendKeys(`input[name="description"]`, "<b>Kebakaran</b>"),
		chromedp.Click("#create"),
		chromedp.WaitVisible(".card.selected"),
		chromedp.Click("#send"),
		chromedp.SendKeys("#send-unit", "damkar\r"),
		chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Dikirim — DAMKAR 1")]`),
	)
	s.press("13")
	do(ctx, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Tiba di lokasi — DAMKAR 1")]`))
	timeline, err := chromedp.Run(ctx, chromedp.Text(".timeline"))
	if err != nil || !strings.Contains(timeline, "tombol") {
		t.Fatalf("%q, %v", timeline, err)
	}
	do(ctx, t,
		chromedp.Click(`//ol[@class="timeline"]/li[contains(.,"Tiba di lokasi")]//button[contains(@class,"more")]`),
		chromedp.WaitVisible(`//ol[@class="timeline"]//code[contains(text(),"$PKLID,00,102,1001,13,00,")]`))
	s.press("14")
	do(ctx, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Penanganan — DAMKAR 1")]`))
	s.press("16")
	do(ctx, t,
		chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Selesai — DAMKAR 1")]`),
		chromedp.WaitVisible(`//*[@id="close"][contains(text(),"Tutup 1:") or contains(text(),"Tutup 2:00")]`), // two minutes are running
		chromedp.Click("#close"),
		chromedp.WaitVisible("#close-now"),
		chromedp.SendKeys(`#detail input[name="why"]`, "padam"),
		chromedp.Click("#close-now"),
		chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Ditutup")]`),
		chromedp.WaitVisible("#undo"),
	)
	sheet := s.printed(readOff[string](ctx, t, `document.getElementById("record-pdf").getAttribute("href")`))
	for _, want := range []string{"DAMKAR 1", "Talaga Kulon", "<b>Kebakaran</b>", "$PKLID,00,102,1001,13,00,"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the printed record lacks %q:\n%s", want, sheet)
		}
	}
	s.stop()
}

// printed is what stands on a PDF of the gateway (poppler's pdftotext reads it).
func (s *site) printed(path string) string {
	s.t.Helper()
	resp, err := http.Get(s.page + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	read := exec.CommandContext(s.t.Context(), "pdftotext", "-layout", "-", "-")
	read.Stdin = resp.Body
	text, err := read.Output()
	if err != nil {
		s.t.Fatalf("%s is no PDF (%s): %v", path, resp.Status, err)
	}
	return string(text)
}
