package api

import (
	"net/http"
	"net/http/pprof"
)

// profilesRoute is where whoever keeps the gateway looks at its memory, goroutines and
// time: go tool pprof http://…/debug/pprof/heap.
const profilesRoute = "GET /debug/pprof/"

func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	return mux
}
