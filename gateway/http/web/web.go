package web

import (
	"bytes"
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// ContentSecurityPolicy is the strictest that the page runs under: everything
// from the gateway itself; the map's worker is a blob of our own code, and its
// images are made in the page.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// unbuilt is what a binary says that was built without the page.
const unbuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>htgateway</title>
<p>This binary was built without the page. Build it with <code>make page</code> (Node and npm are needed) and build again.
The API is at <a href="/api/v1/units">/api/v1/units</a>.`

// Handler serves the page. Files with a hash in their name may be kept for ever,
// the rest is asked for again.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	if _, err := fs.Stat(files, "index.html"); err != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(unbuilt)) // the client is gone when this fails
		})
	}
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "no-cache")
		}
		if !packed(w, r, files) {
			server.ServeHTTP(w, r)
		}
	})
}

// packed serves the compressed copy that the build laid beside a file, to a
// browser that takes it; false when there is none or it is not wanted.
func packed(w http.ResponseWriter, r *http.Request, files fs.FS) bool {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	content, err := fs.ReadFile(files, name+".gz")
	if err != nil || name == "index.html" && r.URL.Path != "/" {
		return false
	}
	w.Header().Add("Vary", "Accept-Encoding")
	if !takesGzip(r.Header.Values("Accept-Encoding")) {
		return false
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	return true
}

// takesGzip reads Accept-Encoding (RFC 9110, section 12.5.3): gzip by name or by
// the star, and not with a weight of nought.
func takesGzip(accepted []string) bool {
	takes := false
	for part := range strings.SplitSeq(strings.Join(accepted, ","), ",") {
		coding, weight, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), ";")
		coding = strings.TrimSpace(coding)
		if coding != "gzip" && coding != "*" {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q="), 64)
		takes = err != nil || q > 0
		if coding == "gzip" {
			return takes
		}
	}
	return takes
}
