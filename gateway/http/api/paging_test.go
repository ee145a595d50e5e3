package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// pages follows next from page to page and gives each page's body.
func (o *office) pages(path string, take func(map[string]any)) int {
	o.t.Helper()
	n := 0
	for cursor := ""; ; n++ {
		here := path
		if cursor != "" {
			here += "&cursor=" + url.QueryEscape(cursor)
		}
		status, body := o.call("GET", here, "")
		if status != http.StatusOK {
			o.t.Fatalf("%s: %d %v", here, status, body)
		}
		take(body)
		next, more := body["next"].(string)
		if !more {
			return n + 1
		}
		cursor = next
	}
}

// TestPagesAreTheWhole: whatever a page's size, the pages together are what one
// page has, also where two fixes are of the same moment.
func TestPagesAreTheWhole(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	_, in := o.call("POST", "/api/v1/incidents", fire)
	o.fill(in["id"].(string))
	since := url.QueryEscape(time.Now().Add(-2 * time.Hour).UTC().Format(time.RFC3339))
	for _, c := range []struct {
		path  string
		items func(map[string]any) []any
		want  int
	}{
		{"/api/v1/units/damkar-1/track?from=" + since, func(b map[string]any) []any {
			times, places := b["properties"].(map[string]any)["times"].([]any), b["geometry"].(map[string]any)["coordinates"].([]any)
			var out []any
			for i := range times {
				out = append(out, []any{times[i], places[i]})
			}
			return out
		}, 37},
		{"/api/v1/telemetry/intervals?raw=true&from=" + since, func(b map[string]any) []any { return b["samples"].([]any) }, 4},
	} {
		var whole []any
		o.pages(c.path, func(b map[string]any) { whole = append(whole, c.items(b)...) })
		if len(whole) != c.want {
			t.Errorf("%s: %d items, want %d", c.path, len(whole), c.want)
		}
		for _, size := range []int{1, 2, 3, 7} {
			var got []any
			pages := o.pages(fmt.Sprintf("%s&limit=%d", c.path, size), func(b map[string]any) { got = append(got, c.items(b)...) })
			if fmt.Sprint(got) != fmt.Sprint(whole) || pages != (len(whole)+size-1)/size {
				t.Errorf("%s in pages of %d: %d items on %d pages", c.path, size, len(got), pages)
			}
		}
	}
}

func TestUnchangedContentIsNotSentAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	path := o.server.URL + "/api/v1/units/damkar-1/track?from=2026-01-01&to=2030-01-01"
	ask := func(tag string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", tag)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	tag := ask("").Header.Get("ETag")
	for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		if got := ask(known); got.StatusCode != http.StatusNotModified || got.Header.Get("ETag") != tag {
			t.Errorf("If-None-Match %s: %s", known, got.Status)
		}
	}
	o.fill("i1")
	if got := ask(tag); got.StatusCode != http.StatusOK || got.Header.Get("ETag") == tag {
		t.Errorf("after a new fix: %s", got.Status)
	}
}

func TestQueriesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	for _, query := range []string{
		"telemetry/intervals?agancy=x", "telemetry/intervals?category=boredom", "telemetry/intervals?raw=perhaps", "telemetry/intervals?limit=5",
		"telemetry/intervals?raw=true&by=unit", "telemetry/intervals?raw=true&limit=0", "telemetry/intervals?raw=true&cursor=x",
		"telemetry/intervals?from=2026-11-24&to=2026-11-22", "units/damkar-1/track?cursor=1", "units/damkar-1/track?limit=x", "units/damkar-1/track?form=2026-11-24",
		"telemetry/report?raw=true", "telemetry/report?compare_from=2026-01-01", "telemetry/report?from=2026-02-01&compare_from=x", "telemetry/report?by=month&from=2026-02-01&compare_to=2026-01-31", "telemetry/report?by=mood", "telemetry/report?category=boredom", "telemetry/report?from=2026-11-24&to=2026-11-22",
	} {
		if status, body := o.call("GET", "/api/v1/"+query, ""); status != http.StatusBadRequest {
			t.Errorf("%s: %d %v", query, status, body)
		}
	}
}
