package api

import (
	"net/http"
	"net/http/pprof"
)

// profiles are the Go runtime's (net/http/pprof): for who looks after the gateway, since
// a profile shows what its memory and processor are busy with.
const profiles = "GET /debug/pprof/{name...}"

// profile answers with the named profile, and without a name with the list of them.
func profile(w http.ResponseWriter, r *http.Request) {
	switch r.PathValue("name") {
	case "profile":
		pprof.Profile(w, r)
	case "trace":
		pprof.Trace(w, r)
	default:
		pprof.Index(w, r)
	}
}
