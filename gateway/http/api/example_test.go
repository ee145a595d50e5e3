package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"htgateway/gateway/http/api"
	"htgateway/gateway/http/signin"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/fold"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
)

// A CAD opens an incident with its token, and once it has the answer the call is in the
// journal. Without the token nobody reads or acts.
func Example() {
	dir, err := os.MkdirTemp("", "api")
	defer os.RemoveAll(dir)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	now, quiet, plan := func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }, slog.New(slog.DiscardHandler), sop.DefaultPlan()
	j, err2 := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: now, Log: quiet})
	updates, err3 := updatelog.Open(ctx, filepath.Join(dir, "state.db"))
	door, err4 := signin.New(signin.Options{Token: "a long secret", Now: now, Log: quiet})
	if err := errors.Join(err, err2, err3, err4); err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	defer updates.Close()
	f := fold.New(j, updates, incident.Settings{Plan: plan, Arrival: geo.DefaultArrivalRule()}, quiet)
	ended := make(chan error)
	go func() { ended <- f.Run(ctx) }()
	server := httptest.NewServer(api.New(api.Options{
		State: f, Updates: updates, Desk: desk.New(j, f, desk.Options{Plan: plan, Now: now, Zone: time.UTC}), Plan: plan,
		NotReady: func() string { return "" }, Door: door, Page: http.NotFoundHandler(), Now: now, Speed: 1, Registry: prometheus.NewRegistry(), Log: quiet,
	}).Handler())
	defer server.Close()

	for _, token := range []string{"", "a long secret"} {
		r, _ := http.NewRequest(http.MethodPost, server.URL+"/api/v1/incidents", strings.NewReader(`{"category": "fire", "location": {"lat": -6.8364, "lon": 108.2274}}`))
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, err := io.ReadAll(res.Body)
		fmt.Println(res.Status, strings.Contains(string(body), `"number":"20261124-001"`), errors.Join(err, res.Body.Close()))
	}
	journaled, err := j.Last(ctx)
	fmt.Println("entries in the journal:", journaled, err)
	end()
	fmt.Println(<-ended)
	// Output:
	// 401 Unauthorized false <nil>
	// 201 Created true <nil>
	// entries in the journal: 1 <nil>
	// <nil>
}
