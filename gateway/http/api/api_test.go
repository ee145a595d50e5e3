package api_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"htgateway/configs"
	"htgateway/devices"
	"htgateway/gateway/history/replay"
	"htgateway/gateway/http/api"
	"htgateway/gateway/http/signin"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/ops/retention/erasure"
	"htgateway/gateway/state/fold"
	"htgateway/gateway/state/updatelog"
	"htgateway/gateway/status"
	"htgateway/geo"
	"htgateway/geo/places"
	series "htgateway/telemetry/sqlite"
)

// office is the API over a real journal, fold, log and series.
type office struct {
	broadcast func()
	t         testing.TB
	server    *httptest.Server
	api       *api.Server
	handler   http.Handler
	series    *series.Store
	door      *signin.Door
	token     string
}

func newOffice(t testing.TB, token string) *office {
	t.Helper()
	o := silentOffice(t, token)
	o.broadcast()
	return o
}

// silentOffice serves, but has not begun to broadcast.
func silentOffice(t testing.TB, token string) *office {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	j, err := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: time.Now, Log: log})
	must(err)
	updates, err := updatelog.Open(ctx, filepath.Join(dir, "state.db"))
	must(err)
	store, err := series.Open(ctx, filepath.Join(dir, "series.db"))
	must(err)
	gazetteer, err := places.Load(bytes.NewReader(configs.Places))
	must(err)
	settings := incident.Settings{
		Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(),
		Roster: []incident.Unit{{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: "Damkar", Devices: []devices.Identity{"fleetsync:102-1001"}}},
	}
	must(fold.Prepare(ctx, updates, settings))
	f := fold.New(j, updates, settings, log)
	door, err := signin.New(signin.Options{Token: token, Now: time.Now, Log: log})
	must(err)
	roster, err := enrolment.Load(ctx, j, settings.Roster, time.Now)
	must(err)
	a := api.New(api.Options{
		State: f, Updates: updates, Series: store, Plan: settings.Plan, Roster: func() []incident.Unit { return settings.Roster }, Places: gazetteer,
		Desk: desk.New(j, f, desk.Options{Plan: settings.Plan, Places: gazetteer, Now: time.Now, Zone: time.UTC,
			Forget: (&erasure.Eraser{Journal: j, Updates: updates, State: f, Log: slog.New(slog.DiscardHandler)}).Finish}),
		Enrolment:   api.Enrolment{Roster: roster, Settled: func(context.Context) {}, PerSecond: 1, Burst: 10, Receive: func(context.Context, devices.Identity, []byte, time.Time) (error, error) { return nil, nil }},
		DeadLetters: updates,
		Report: func(_ context.Context, id string) (api.Report, bool, error) {
			r := api.Report{Report: devices.Report{ID: id, Protocol: devices.Kenwood, Kind: devices.KindStatus, ReceivedAt: time.Now(), Link: "roof"}, JournaledAt: time.Now()}
			r.Heard = []devices.Hearing{{Report: id, Link: "roof", ReceivedAt: r.ReceivedAt}}
			return r, id == "r1", nil
		},
		Replay: func(ctx context.Context, a replay.Ask, tell func(replay.Moment) error) error {
			a.Settings = settings
			return replay.Run(ctx, j, a, tell)
		},
		Record: func(context.Context, string, bool) (api.Sheet, bool, error) { return nil, false, nil },
		Devices: func() api.Devices {
			return api.Devices{Since: time.Now(), Devices: []api.Device{{Device: "owntracks:andi/phone", LastLink: "mqtt", Received: 1, Refused: 1, LastReason: "not JSON", LastReasonAt: time.Now()}}, Accounts: []string{}}
		},
		Links: func() []status.Status { return []status.Status{{ID: "roof"}} }, NotReady: func() string { return "" },
		StaleAfter: 5 * time.Minute, Now: time.Now, Speed: 1, Door: door, LoopbackOnly: true, Page: http.NotFoundHandler(), Policy: "default-src 'none'",
		Registry: prometheus.NewRegistry(), Log: log,
	})
	ended := make(chan error, 2)
	go func() { ended <- f.Run(ctx) }()
	broadcasts := make(chan struct{})
	begin := sync.OnceFunc(func() { close(broadcasts) })
	go func() {
		<-broadcasts
		ended <- a.Run(ctx)
	}()
	o := &office{t: t, broadcast: begin, api: a, handler: a.Handler(), series: store, door: door, token: token}
	o.server = httptest.NewServer(o.handler)
	t.Cleanup(func() {
		o.server.CloseClientConnections()
		cancel()
		begin()
		o.server.Close()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		_, _, _ = store.Close(), updates.Close(), j.Close()
	})
	return o
}

func (o *office) call(method, path, body string, headers ...string) (int, map[string]any) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.server.URL+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	if o.token != "" {
		req.Header.Set("Authorization", "Bearer "+o.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil && len(text) > 0 {
		o.t.Fatalf("%s %s: not JSON: %s", method, path, text)
	}
	if resp.StatusCode >= 400 && resp.Header.Get("Content-Type") != "application/problem+json" {
		o.t.Fatalf("%s %s: an error that is no problem details: %s", method, path, text)
	}
	return resp.StatusCode, out
}

const fire = `{"category":"fire","location":{"lat":-6.8364,"lon":108.2274},"address":"Alun-alun"}`

func TestLifeOfAnIncident(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	status, in := o.call("POST", "/api/v1/incidents", fire)
	if status != 201 || in["district"] != "Majalengka" || in["status"] != "received" {
		t.Fatalf("%d %v", status, in)
	}
	id := in["id"].(string)
	for _, step := range []struct {
		path, body string
		want       int
		state      string
	}{
		{"/dispatch", `{"units":["damkar-1"]}`, 200, "dispatched"},
		{"/review", ``, 200, "dispatched"},
		{"/notes", `{"text":"api sudah padam"}`, 201, "dispatched"},
		{"/milestones", `{"milestone":"on_scene","unit":"damkar-1","at":"` + time.Now().UTC().Format(time.RFC3339Nano) + `","reason":"lewat telepon"}`, 200, "on_scene"},
		{"/close", `{}`, 200, "closed"},
	} {
		status, in := o.call("POST", "/api/v1/incidents/"+id+step.path, step.body)
		if status != step.want || in["status"] != step.state {
			t.Fatalf("%s: %d %v", step.path, status, in)
		}
	}
	_, list := o.call("GET", "/api/v1/incidents", "")
	if n := len(list["incidents"].([]any)); n != 1 {
		t.Fatalf("%d incidents", n)
	}
	if status, _ := o.call("POST", "/api/v1/incidents/"+id+"/dispatch", `{"units":["damkar-1"]}`); status != 409 {
		t.Fatalf("dispatch to a closed incident: %d", status)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	_, in := o.call("POST", "/api/v1/incidents", fire)
	incident := "/api/v1/incidents/" + in["id"].(string)
	for _, c := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"no such route", "GET", "/api/v1/nothing", "", 404},
		{"no such incident", "GET", "/api/v1/incidents/x", "", 404},
		{"not JSON", "POST", "/api/v1/incidents", "{", 400},
		{"unknown field", "POST", "/api/v1/incidents", `{"categorie":"fire"}`, 400},
		{"two values", "POST", "/api/v1/incidents", fire + fire, 400},
		{"too large", "POST", "/api/v1/incidents", `{"address":"` + strings.Repeat("x", 70_000) + `"}`, 400},
		{"unknown category", "POST", "/api/v1/incidents", `{"category":"boredom"}`, 422},
		{"null island", "POST", "/api/v1/incidents", `{"category":"fire","location":{"lat":0,"lon":0}}`, 422},
		{"out of range", "POST", "/api/v1/incidents", `{"category":"fire","location":{"lat":-96,"lon":0}}`, 422},
		{"future call", "POST", "/api/v1/incidents", `{"category":"fire","received_at":"2199-01-01T00:00:00Z"}`, 422},
		{"no units", "POST", incident + "/dispatch", `{}`, 422},
		{"unknown unit", "POST", incident + "/dispatch", `{"units":["ghost"]}`, 404},
		{"empty note", "POST", incident + "/notes", `{"text":" "}`, 422},
		{"correction without reason", "POST", incident + "/milestones", `{"milestone":"received","at":"2026-01-01T00:00:00Z"}`, 422},
		{"unknown milestone", "POST", incident + "/milestones", `{"milestone":"lunch","at":"2026-01-01T00:00:00Z","reason":"x"}`, 422},
		{"track of nobody", "GET", "/api/v1/units/ghost/track", "", 404},
		{"time that is none", "GET", "/api/v1/units/damkar-1/track?from=yesterday", "", 400},
		{"unknown grouping", "GET", "/api/v1/telemetry/intervals?by=mood", "", 400},
		{"message without a way back", "POST", "/api/v1/units/damkar-1/messages", `{"text":"halo"}`, 409},
		{"message that says nothing", "POST", "/api/v1/units/damkar-1/messages", `{}`, 422},
	} {
		if got, body := o.call(c.method, c.path, c.body); got != c.want {
			t.Errorf("%s: %d %v, want %d", c.name, got, body, c.want)
		}
	}
}

func TestSameKeySameAct(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	_, a := o.call("POST", "/api/v1/incidents", fire, "Idempotency-Key", "k1")
	_, b := o.call("POST", "/api/v1/incidents", fire, "Idempotency-Key", "k1")
	_, c := o.call("POST", "/api/v1/incidents", fire, "Idempotency-Key", "k2")
	if a["id"] != b["id"] || a["id"] == c["id"] || a["number"] == c["number"] {
		t.Fatalf("%v %v %v", a["id"], b["id"], c["id"])
	}
}

func TestGuards(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	if got, _ := o.call("GET", "/api/v1/units", "", "Host", "evil.example"); got != 421 {
		t.Errorf("a foreign name: %d", got)
	}
	req, _ := http.NewRequestWithContext(t.Context(), "POST", o.server.URL+"/api/v1/incidents", strings.NewReader(fire))
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site's form: %d", resp.StatusCode)
	}
}

func TestTokenAndOneTimeLink(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "s3cr3t")
	if got, _ := o.call("GET", "/api/v1/units", ""); got != 200 {
		t.Fatalf("with the token: %d", got)
	}
	o.token = ""
	if got, _ := o.call("GET", "/api/v1/units", ""); got != 401 {
		t.Fatalf("without: %d", got)
	}
	if got, _ := o.call("GET", "/api/v1/units", "", "Authorization", "Bearer wrong"); got != 401 {
		t.Fatalf("with a wrong one: %d", got)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	link := o.server.URL + "/enter?key=" + o.door.OneTimeKey(signin.Person{Name: "demo", Role: signin.Owner})
	resp, err := client.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(resp.Cookies()) != 1 || !resp.Cookies()[0].HttpOnly {
		t.Fatalf("%v", resp.Cookies())
	}
	cookie := resp.Cookies()[0].String()
	if got, _ := o.call("GET", "/api/v1/units", "", "Cookie", strings.Split(cookie, ";")[0]); got != 200 {
		t.Fatalf("with the session: %d", got)
	}
	if resp, err = client.Get(link); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Fatalf("the link worked twice: %d", resp.StatusCode)
	}
}

func TestStreamSaysWhenItCannotResume(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	req, _ := http.NewRequestWithContext(t.Context(), "GET", o.server.URL+"/api/v1/events", nil)
	req.Header.Set("Last-Event-ID", "othergeneration-5")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if lines.Text() == "event: reset" {
			return
		}
	}
	t.Fatal("no word of it")
}

// TestStreamMissesNothingAtTheStart: who listens before broadcasting has begun gets
// what happened until then, once.
func TestStreamMissesNothingAtTheStart(t *testing.T) {
	t.Parallel()
	o := silentOffice(t, "")
	resp, err := http.Get(o.server.URL + "/api/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && lines.Text() != "event: hello" {
	}
	_, in := o.call("POST", "/api/v1/incidents", fire)
	o.broadcast()
	o.call("POST", "/api/v1/incidents/"+in["id"].(string)+"/notes", `{"text":"second"}`)
	var kinds []string
	for lines.Scan() {
		var u struct{ Kind string }
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		if !is || !strings.Contains(data, `"seq"`) || json.Unmarshal([]byte(data), &u) != nil {
			continue
		}
		if kinds = append(kinds, u.Kind); u.Kind == "note" {
			break
		}
	}
	if got := strings.Join(kinds, " "); got != "opened milestone note" {
		t.Errorf("the stream had %q", got)
	}
}

// TestStalledReaderDelaysNobody leaves readers that never read beside one that
// does, while more is sent than a socket holds.
func TestStalledReaderDelaysNobody(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	for range 5 {
		resp, err := http.Get(o.server.URL + "/api/v1/events")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
	}
	resp, err := http.Get(o.server.URL + "/api/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	notes := make(chan string, 1000)
	go func() {
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if strings.Contains(lines.Text(), `"kind":"note"`) {
				notes <- lines.Text()
			}
		}
	}()
	_, in := o.call("POST", "/api/v1/incidents", fire)
	text := strings.Repeat("x", 3900)
	for range 200 {
		o.call("POST", "/api/v1/incidents/"+in["id"].(string)+"/notes", `{"text":"`+text+`"}`)
		select {
		case <-notes:
		case <-time.After(10 * time.Second):
			t.Fatal("a healthy reader was held up")
		}
	}
}
