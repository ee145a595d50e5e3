package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"htgateway/gateway/api"
	"htgateway/gateway/incident"
	"htgateway/gateway/sop"
	"htgateway/geo"
	"htgateway/telemetry"
)

func described(t *testing.T) validator.Validator {
	t.Helper()
	text, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return v
}

// TestEveryRouteIsDescribed, and what is described is a route.
func TestEveryRouteIsDescribed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	text, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	var have []string
	for path, methods := range document.Paths {
		for method := range methods {
			have = append(have, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(have)
	want := o.api.Routes()
	for _, route := range want {
		if !slices.Contains(have, route) {
			t.Errorf("%s is a route and is not in gateway/api/openapi.yaml: describe it there", route)
		}
	}
	for _, route := range have {
		if !slices.Contains(want, route) {
			t.Errorf("%s is described in gateway/api/openapi.yaml and is no route", route)
		}
	}
	if !strings.HasPrefix(document.OpenAPI, "3.1") {
		t.Errorf("version %s", document.OpenAPI)
	}
	if valid, errs := described(t).ValidateDocument(); !valid {
		for _, e := range errs {
			t.Errorf("not OpenAPI 3.1: %s: %s", e.Message, e.Reason)
		}
	}
}

// fill writes to the series what a unit's fixes and an arrival mean.
func (o *office) fill(id string) {
	o.t.Helper()
	now := time.Now().UTC()
	base := incident.Update{Incident: id, Category: "fire", District: "Majalengka", Unit: "damkar-1", Agency: "Damkar", Link: "roof", Protocol: "kenwood", ReceivedAt: now.Add(-time.Hour)}
	var points []telemetry.Point
	add := func(kind incident.UpdateKind, at time.Time, change func(*incident.Update)) {
		u := base
		u.Kind, u.At, u.KnownAt = kind, at, at
		change(&u)
		points = append(points, telemetry.Points(u)...)
	}
	for n := range 25 {
		// Every other moment was told by two links.
		for _, link := range []string{"roof", "hill"}[:1+n%2] {
			add(incident.UpdateFix, now.Add(time.Duration(n-30)*time.Minute), func(u *incident.Update) {
				u.Link, u.Fix = link, &geo.Fix{Point: orb.Point{108.2 + float64(n)/1000, -6.8}}
			})
		}
	}
	add(incident.UpdateMilestone, base.ReceivedAt, func(u *incident.Update) {
		u.Unit, u.Agency, u.Milestone = "", "", &incident.Milestone{Name: incident.Received, At: base.ReceivedAt, Evidence: incident.ByDispatcher, Confidence: 1}
	})
	for n, name := range []incident.MilestoneName{incident.Dispatched, incident.EnRoute, incident.OnScene, incident.Completed} {
		at := base.ReceivedAt.Add(time.Duration(n+1) * time.Minute)
		add(incident.UpdateMilestone, at, func(u *incident.Update) {
			u.Milestone = &incident.Milestone{Name: name, Unit: "damkar-1", At: at, Evidence: incident.ByKey, Confidence: 1}
		})
	}
	for n, name := range []sop.IntervalName{sop.Turnout, sop.Travel, sop.Response, sop.OnSceneTime} {
		from := base.ReceivedAt.Add(time.Duration(n) * time.Minute)
		add(incident.UpdateInterval, from, func(u *incident.Update) {
			u.Interval = &sop.Interval{Name: name, Unit: "damkar-1", From: from, To: from.Add(time.Minute), Within: true}
		})
	}
	if err := o.series.Write(o.t.Context(), points); err != nil {
		o.t.Fatal(err)
	}
}

// TestAnswersAreAsDescribed asks every route, well and badly, and holds each
// answer to its description.
func TestAnswersAreAsDescribed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	v := described(t)
	asked := map[string]bool{}
	ask := func(method, path, body string, status int) []byte {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, o.server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != status {
			text, _ := io.ReadAll(resp.Body)
			t.Fatalf("%s %s: %s: %s", method, path, resp.Status, text)
		}
		if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
			return nil // it has no end
		}
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body = io.NopCloser(strings.NewReader(string(text)))
		if valid, errs := v.ValidateHttpResponse(req, resp); !valid {
			for _, e := range errs {
				t.Errorf("%s %s: %s: %s %v", method, path, e.Message, e.Reason, e.SchemaValidationErrors)
			}
			t.Errorf("the answer was %.2000s", text)
		}
		return text
	}
	good := func(method, path, body string, status int) []byte {
		t.Helper()
		route := method + " " + strings.SplitN(path, "?", 2)[0]
		asked[route] = true
		return ask(method, path, body, status)
	}
	var opened struct{ ID string }
	if err := json.Unmarshal(good("POST", "/api/v1/incidents", fire, 201), &opened); err != nil {
		t.Fatal(err)
	}
	o.fill(opened.ID)
	of := "/api/v1/incidents/" + opened.ID
	good("POST", of+"/dispatch", `{"units":["damkar-1"]}`, 200)
	good("POST", of+"/review", "", 200)
	good("POST", of+"/notes", `{"text":"api sudah padam"}`, 201)
	good("POST", of+"/milestones", fmt.Sprintf(`{"milestone":"on_scene","unit":"damkar-1","at":%q,"reason":"lewat telepon"}`, time.Now().UTC().Format(time.RFC3339Nano)), 200)
	good("POST", of+"/close", `{}`, 200)
	good("GET", of, "", 200)
	for _, path := range []string{
		"/api/v1/units", "/api/v1/incidents", "/api/v1/alarms", "/api/v1/links", "/api/v1/setup", "/api/v1/places?q=kadipaten", "/api/v1/devices/unknown",
		"/api/v1/openapi.json", "/api/v1/telemetry/dead-letters", "/api/v1/telemetry/intervals", "/api/v1/telemetry/intervals?by=unit&unit=damkar-1",
		"/api/v1/telemetry/intervals?raw=true", "/api/v1/telemetry/intervals?raw=true&limit=2", "/api/v1/units/damkar-1/track", "/api/v1/units/damkar-1/track?limit=3",
		"/api/v1/reports/r1", "/api/v1/events", "/healthz", "/readyz", "/metrics",
	} {
		good("GET", path, "", 200)
	}
	good("GET", "/enter?key="+o.api.OneTimeKey(), "", 303)
	asked["POST /api/v1/units/damkar-1/messages"] = true
	ask("POST", "/api/v1/units/damkar-1/messages", `{"text":"halo"}`, 409) // no radio may transmit here
	for path, status := range map[string]int{
		"/api/v1/incidents/x": 404, "/api/v1/units/ghost/track": 404, "/api/v1/reports/x": 404, "/enter?key=x": 403,
		"/api/v1/telemetry/intervals?by=mood": 400, "/api/v1/units/damkar-1/track?limit=0": 400, "/api/v1/telemetry/dead-letters?limit=x": 400,
	} {
		ask("GET", path, "", status)
	}
	// Nothing that is described went unasked.
	names := strings.NewReplacer(opened.ID, "{id}", "damkar-1", "{id}", "reports/r1", "reports/{id}")
	var unasked []string
	for _, route := range o.api.Routes() {
		if !slices.ContainsFunc(keys(asked), func(a string) bool { return names.Replace(a) == route }) {
			unasked = append(unasked, route)
		}
	}
	if len(unasked) > 0 {
		t.Errorf("add these routes to the test: %q", unasked)
	}
}

func keys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}
