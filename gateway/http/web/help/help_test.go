package help_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"htgateway/devices"
	"htgateway/gateway/http/web/help"
	"htgateway/gateway/incident/sop"
	"htgateway/telemetry/analysis"
)

func page(t *testing.T, path string) string {
	t.Helper()
	mux := http.NewServeMux()
	help.Register(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Fatalf("%s: %d %v", path, w.Code, w.Header())
	}
	return w.Body.String()
}

// TestPagesHoldNothingThatThePolicyForbids, and every link inside leads somewhere.
func TestPagesHoldNothingThatThePolicyForbids(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/help/", "/help/tim", "/help/dispatcher", "/help/analis"} {
		text := page(t, path)
		if bad := regexp.MustCompile(`<script|<style| style=| on[a-z]+=`).FindString(text); bad != "" {
			t.Errorf("%s has %q", path, bad)
		}
		for _, to := range regexp.MustCompile(`(?:href|src)="(/help/[^"]*)"`).FindAllStringSubmatch(text, -1) {
			page(t, to[1])
		}
	}
}

// TestCardIsTheCodebook: what the card says of a key is what the gateway understands
// by it, and so are the words that open a text.
func TestCardIsTheCodebook(t *testing.T) {
	t.Parallel()
	card := page(t, "/help/tim")
	words := map[devices.Status]string{
		devices.StatusAcknowledged: "DITERIMA", devices.StatusEnRoute: "BERANGKAT", devices.StatusOnScene: "TIBA", devices.StatusInProgress: "PROSES",
		devices.StatusNeedsAssistance: "BANTUAN", devices.StatusCompleted: "SELESAI", devices.StatusReturning: "KEMBALI", devices.StatusAvailable: "SIAP",
		devices.StatusOutOfService: "TIDAK BERTUGAS", devices.StatusEmergency: "DARURAT",
	}
	book := devices.DefaultCodebook()
	for code, status := range book["meshtastic"] {
		if want := fmt.Sprintf(`<span class="number">%s</span></td><td><b class="word">%s</b>`, code, words[status]); !strings.Contains(card, want) {
			t.Errorf("the card has no %s", want)
		}
	}
	for word := range book["text"] {
		if !strings.HasPrefix(word, "#") && !strings.Contains(card, "<b>"+word+"</b>") {
			t.Errorf("the card has no word %s", word)
		}
	}
	limits := sop.DefaultPlan().Limits
	if limits[sop.OnSceneUpdate].Minutes() != 10 || limits[sop.ProgressUpdate].Minutes() != 10 || !strings.Contains(card, "dalam 10 menit") {
		t.Errorf("the card's limits are not %v", limits)
	}
}

// TestAnalystReadsTheDefinitionsInForce.
func TestAnalystReadsTheDefinitionsInForce(t *testing.T) {
	t.Parallel()
	text := html.UnescapeString(page(t, "/help/analis"))
	for _, d := range analysis.Definitions() {
		if want := d.Starts + " → " + d.Ends; !strings.Contains(text, want) || !strings.Contains(text, "<code>"+string(d.Interval)+"</code>") {
			t.Errorf("%s: %s is not explained", d.Interval, want)
		}
	}
	for _, want := range []string{analysis.MedianMethod, analysis.PercentileMethod} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not explained", want)
		}
	}
}

// TestDispatcherReadsTheKeysOfThePage: the page's own list of keys names each.
func TestDispatcherReadsTheKeysOfThePage(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../src/dispatcher/shell.ts")
	if err != nil {
		t.Fatal(err)
	}
	text := page(t, "/help/dispatcher")
	found := regexp.MustCompile(`<kbd>(.)</kbd>`).FindAllStringSubmatch(text, -1)
	if len(found) < 18 {
		t.Fatalf("%d keys", len(found))
	}
	for _, k := range found {
		if !regexp.MustCompile(`\['[^']*` + regexp.QuoteMeta(k[1])).Match(source) {
			t.Errorf("the page has no key %s", k[1])
		}
	}
}
