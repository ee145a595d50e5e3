package page

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// a6 is what pdfinfo says of two pages of 105 by 148 mm, in points and rounded up.
var a6 = regexp.MustCompile(`(?s)Pages: +2\n.*Page size: +29[78][.0-9]* x 4(19|20)[.0-9]* pts`)

// TestVoiceReportAndTheCard: a unit without keys speaks, the dispatcher enters it by
// one key, and the arrival is the dispatcher's; the card that says so prints on two
// sides of A6.
func TestVoiceReportAndTheCard(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	incident := s.OpenIncident()
	events := s.Events("")
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.Click(".card"), chromedp.WaitVisible("#voice"),
		chromedp.KeyEvent("v"), chromedp.WaitVisible(`form.ask select[name="milestone"]`), chromedp.Click(`form.ask button[type="submit"]`))
	e := s.Await(events, "the arrival by voice", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	if e.Milestone.Evidence != "dispatcher" {
		t.Errorf("%s: %+v", incident, e.Milestone)
	}
	for _, path := range []string{"/help/", "/help/tim", "/help/dispatcher", "/help/analis"} {
		sitetest.Do(ctx, t, chromedp.Navigate(s.Page+path), chromedp.WaitVisible("h1"))
		noSeriousFinding(ctx, t)
	}
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page+"/help/tim"))
	card := printed(ctx, t)
	if said := output(t, "pdfinfo", card); !a6.MatchString(said) {
		t.Errorf("the card is not two pages of A6: %s", said)
	}
	if said := output(t, "pdftotext", "-layout", card, "-"); !strings.Contains(said, "DARURAT") || !strings.Contains(said, "tekan 3") || strings.Contains(said, "Ctrl") {
		t.Errorf("the card says: %s", said)
	}
}

// printed is the page as its style sheet has it printed.
func printed(ctx context.Context, t *testing.T) (file string) {
	t.Helper()
	content, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "card.pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s (apt-get install poppler-utils): %v %s", name, err, out)
	}
	return string(out)
}
