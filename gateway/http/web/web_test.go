package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
)

// scriptLimit is what all JavaScript that one page loads, now or later, may weigh on
// the wire, in bytes.
const scriptLimit = 500_000

func get(t *testing.T, at, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

// TestScriptsAreServedCompressed asks for every script of the built page as a
// browser does: it must come compressed and unpack to the very file. All that one of
// the pages (the live one, replay, analysis, keypad) names, and what these name in
// turn, stay together under the limit. A page that was not built has no script to weigh:
// then the binary must say how to build it.
func TestScriptsAreServedCompressed(t *testing.T) {
	scripts, err := fs.Glob(dist, "dist/assets/*.js")
	if err != nil {
		t.Fatal(err)
	}
	if len(scripts) == 0 {
		body, err := io.ReadAll(get(t, "/", "gzip").Body)
		if err != nil || !bytes.Contains(body, []byte("make page")) {
			t.Fatalf("%q, %v", body, err)
		}
		return
	}
	weight, content := map[string]int{}, map[string]string{}
	for _, name := range scripts {
		res := get(t, "/assets/"+path.Base(name), "gzip, deflate, br")
		packed, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: %d, %q, %v", name, res.StatusCode, res.Header.Get("Content-Encoding"), err)
		}
		unpack, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(unpack)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := fs.ReadFile(dist, name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes unpack to other than the file, %v", name, len(packed), err)
		}
		weight[path.Base(name)], content[path.Base(name)] = len(packed), string(got)
	}
	pages, err := fs.Glob(dist, "dist/*/index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "dist/index.html") {
		text, err := fs.ReadFile(dist, page)
		if err != nil {
			t.Fatal(err)
		}
		loaded, total := map[string]bool{}, 0
		for waiting := []string{string(text)}; len(waiting) > 0; waiting = waiting[1:] {
			for name := range weight {
				if !loaded[name] && strings.Contains(waiting[0], name) {
					loaded[name] = true
					total += weight[name]
					waiting = append(waiting, content[name])
				}
			}
		}
		if total == 0 || total >= scriptLimit {
			t.Errorf("%s loads %d bytes of JavaScript, compressed; the limit is %d", page, total, scriptLimit)
		}
		t.Logf("%s: %d of %d scripts, %d bytes compressed", page, len(loaded), len(scripts), total)
	}
	plain := get(t, "/assets/"+path.Base(scripts[0]), "")
	if plain.Header.Get("Content-Encoding") != "" || plain.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("without Accept-Encoding: %v", plain.Header)
	}
}

func TestTakesGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "*": true, "*;q=0": false,
		"*, gzip; q=0": false, "identity": false, "deflate, br": false,
	} {
		if got := takesGzip([]string{header}); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}
