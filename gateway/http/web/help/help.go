package help

import (
	"embed"
	"net/http"
)

//go:embed pages
var files embed.FS

// policy lets the pages be styled and nothing else: they hold no script and no form.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pages are what is served, by the last part of the address.
var pages = map[string]string{
	"":           "pages/index.html",
	"tim":        "pages/tim.html",
	"dispatcher": "pages/dispatcher.html",
	"analis":     "pages/analis.html",
	"help.css":   "pages/help.css",
	"kartu.css":  "pages/kartu.css",
}

// Register adds /help/ and its pages. They are for everybody.
func Register(mux *http.ServeMux) {
	for name, file := range pages {
		pattern := "GET /help/" + name
		if name == "" {
			pattern += "{$}"
		}
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", policy)
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, files, file)
		})
	}
	mux.Handle("GET /help", http.RedirectHandler("/help/", http.StatusMovedPermanently))
}
