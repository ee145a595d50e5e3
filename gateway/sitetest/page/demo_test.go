package page

import (
	"bufio"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestDemosLinkSignsInOnce: the link that the demo prints where a token is asked for
// lets one browser in, and nobody a second time.
func TestDemosLinkSignsInOnce(t *testing.T) {
	sitetest.NeedPage(t)
	path := sitetest.Binary(t)
	cmd := exec.CommandContext(t.Context(), path, "demo", "--http", "127.0.0.1:0", "--token", "kunci-uji", "--data", t.TempDir(), "--speed", "1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = cmd.Process.Kill(), cmd.Wait() }() // it goes on for ever
	lines := bufio.NewScanner(out)
	link := ""
	for lines.Scan() {
		if after, is := strings.CutPrefix(lines.Text(), "Page:"); is {
			link = strings.TrimSpace(after)
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // until it ends
	page, _, is := strings.Cut(link, "/enter?key=")
	if !is {
		t.Fatalf("the demo prints %q", link)
	}
	upToDate := `document.getElementById("banner").hidden`
	first := sitetest.Chromium(t, sitetest.WithoutMap)
	sitetest.Do(first, t, chromedp.Navigate(link), chromedp.WaitVisible("#new"))
	sitetest.Until(first, t, "the page does not come up to date", upToDate)
	if at := sitetest.ReadOff[string](first, t, `location.href`); at != page+"/" {
		t.Errorf("the key stays in the address: %s", at)
	}

	second := sitetest.Chromium(t, sitetest.WithoutMap)
	sitetest.Do(second, t, chromedp.Navigate(link))
	if said := sitetest.ReadOff[string](second, t, `document.body.innerText`); !strings.Contains(said, "sudah dipakai") || !strings.Contains(said, "used before") {
		t.Errorf("the second time the link shows %q", said)
	}
	sitetest.Do(second, t, chromedp.Navigate(page+"/"))
	sitetest.Until(second, t, "a browser that was not let in is not shown so", `document.getElementById("banner").textContent.startsWith("SESI BERAKHIR")`)
	if shown := sitetest.ReadOff[int](second, t, `document.querySelectorAll(".card, .unitrow, .alarm, .link").length`); shown != 0 {
		t.Errorf("a browser that was not let in shows %d things of the county", shown)
	}

	// The first goes on with its session.
	sitetest.Do(first, t, chromedp.Navigate(page+"/"), chromedp.WaitVisible("#new"))
	sitetest.Until(first, t, "the session ended", upToDate)
}
