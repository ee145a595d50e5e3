package page

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestPagePlaysAnIncident plays a whole incident in Chromium, from the call to the
// printed record: made by hand, the radio unit sent and its keys pressed on the pty,
// each read off the screen, the raw frame looked at, closed within the two minutes,
// and the sheet printed.
func TestPagePlaysAnIncident(t *testing.T) {
	s := sitetest.New(t)
	s.Start()
	ctx := sitetest.Chromium(t)
	if !sitetest.PageBuilt(t) {
		sitetest.Do(ctx, t, chromedp.Navigate(s.Page))
		if text, err := chromedp.Run(ctx, chromedp.Text("p")); err != nil || !strings.Contains(text, "make page") {
			t.Fatalf("%q, %v", text, err)
		}
		return
	}
	sitetest.Do(ctx, t,
		chromedp.Navigate(s.Page),
		chromedp.WaitReady(`#map[data-ready="yes"]`),
		chromedp.Click("#new"),
		chromedp.Click(`input[value="fire"]`),
		chromedp.SendKeys(`input[name="where"]`, "talaga kulon"),
		chromedp.Click(`//*[@class="found"]/button[contains(.,"Talaga Kulon")]`),
		chromedp.SendKeys(`input[name="description"]`, "<b>Kebakaran</b>"),
		chromedp.Click("#create"),
		chromedp.WaitVisible(".card.selected"),
		chromedp.Click("#send"),
		chromedp.SendKeys("#send-unit", "damkar\r"),
		chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Dikirim — DAMKAR 1")]`),
	)
	s.Press("13")
	sitetest.Do(ctx, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Tiba di lokasi — DAMKAR 1")]`))
	timeline, err := chromedp.Run(ctx, chromedp.Text(".timeline"))
	if err != nil || !strings.Contains(timeline, "tombol") {
		t.Fatalf("%q, %v", timeline, err)
	}
	sitetest.Do(ctx, t,
		chromedp.Click(`//ol[@class="timeline"]/li[contains(.,"Tiba di lokasi")]//button[contains(@class,"more")]`),
		chromedp.WaitVisible(`//ol[@class="timeline"]//code[contains(text(),"$PKLID,00,102,1001,13,00,")]`))
	s.Press("14")
	sitetest.Do(ctx, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Penanganan — DAMKAR 1")]`))
	s.Press("16")
	sitetest.Do(ctx, t,
		chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Selesai — DAMKAR 1")]`),
		chromedp.WaitVisible(`//*[@id="close"][contains(text(),"Tutup 1:") or contains(text(),"Tutup 2:00")]`), // two minutes are running
		chromedp.Click("#close"),
		chromedp.WaitVisible("#close-now"),
		chromedp.SendKeys(`#detail input[name="why"]`, "padam"),
		chromedp.Click("#close-now"),
		chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"Ditutup")]`),
		chromedp.WaitVisible("#undo"),
	)
	sheet := textOfPDF(s, sitetest.ReadOff[string](ctx, t, `document.getElementById("record-pdf").getAttribute("href")`))
	for _, want := range []string{"DAMKAR 1", "Talaga Kulon", "<b>Kebakaran</b>", "$PKLID,00,102,1001,13,00,"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the printed record lacks %q:\n%s", want, sheet)
		}
	}
	s.Stop()
}

// textOfPDF is what stands on a PDF of the gateway (poppler's pdftotext reads it).
func textOfPDF(s *sitetest.Site, path string) string {
	s.T.Helper()
	resp, err := http.Get(s.Page + path)
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	read := exec.CommandContext(s.T.Context(), "pdftotext", "-layout", "-", "-")
	read.Stdin = resp.Body
	text, err := read.Output()
	if err != nil {
		s.T.Fatalf("%s is no PDF (%s): %v", path, resp.Status, err)
	}
	return string(text)
}
