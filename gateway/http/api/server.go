package api

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/gateway/history/replay"
	"htgateway/gateway/http/signin"
	"htgateway/gateway/http/web/help"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/gateway/state/updatelog"
	"htgateway/gateway/status"
	"htgateway/geo/places"
	"htgateway/telemetry"
)

// State is the present state, as the fold has it.
type State interface {
	Find(want func(incident.Call) bool, most int) []incident.Incident
	Open() []incident.Incident
	OpenAlarms() []journal.Alarm
	Incident(id string) (incident.Incident, bool)
	Course(id string) (sop.Course, bool)
	Units() []incident.UnitState
	UnitByID(id string) (incident.UnitState, bool)
	UnknownDevices() []incident.UnknownDevice
	Alerts() []incident.Alert
	OpenAlerts() []incident.Alert
	Deliveries() []journal.Delivery
}

// Desk takes what dispatchers ask for.
type Desk interface {
	Open(ctx context.Context, c incident.Actor, r desk.Request) (incident.Incident, error)
	Dispatch(ctx context.Context, c incident.Actor, id string, units []string) (incident.Incident, error)
	Review(ctx context.Context, c incident.Actor, id string) (incident.Incident, error)
	Note(ctx context.Context, c incident.Actor, id, text string) (incident.Incident, error)
	Correct(ctx context.Context, c incident.Actor, id string, k desk.Correction) (incident.Incident, error)
	Close(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error)
	Release(ctx context.Context, c incident.Actor, id string, units []string, reason string) (incident.Incident, error)
	Cancel(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error)
	Reopen(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error)
	Relocate(ctx context.Context, c incident.Actor, id string, to incident.Location, reason string) (incident.Incident, error)
	Merge(ctx context.Context, c incident.Actor, id, into, reason string) (incident.Incident, error)
	EraseCaller(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error)
	AckAlert(ctx context.Context, c incident.Actor, alert, reason string) (incident.Alert, error)
	Send(ctx context.Context, c incident.Actor, unit string, m desk.Message) (desk.Queued, error)
}

// Updates is the log that the event stream follows.
type Updates interface {
	Read(ctx context.Context, after uint64, limit int) ([]incident.Update, error)
	Follow(ctx context.Context, after uint64, take func([]incident.Update) error) error
	Last() uint64
	SettingsHash() string
}

// DeadLetters are what a sink will never take, the newest first.
type DeadLetters interface {
	DeadLetters(ctx context.Context, limit int) ([]updatelog.DeadLetter, error)
	CountDeadLetters(ctx context.Context) (int, error)
}

// Series answers for the past.
type Series interface {
	Points(ctx context.Context, q telemetry.Query) iter.Seq2[telemetry.Point, error]
}

// Report is one report as the journal has it: the evidence behind a milestone.
type Report struct {
	devices.Report
	JournaledAt time.Time `json:"journaled_at"`
	// Heard lists every link that heard it, the first one first.
	Heard []devices.Hearing `json:"heard"`
}

// Options of a server.
type Options struct {
	State   State
	Desk    Desk
	Updates Updates
	Series  Series
	Links   func() []status.Status
	Devices func() Devices
	// DeadLetters are what a sink will never take.
	DeadLetters DeadLetters
	// Report returns one report and who heard it; false when there is none.
	Report func(ctx context.Context, id string) (Report, bool, error)
	// Record returns the printed record of an incident; false when there is none.
	Record func(ctx context.Context, id string, withCaller bool) (Sheet, bool, error)
	// Replay tells a past period as it was known, moment by moment.
	Replay func(ctx context.Context, a replay.Ask, tell func(replay.Moment) error) error
	// NotReady is why the gateway is not ready, empty when it is.
	NotReady func() string
	Places   *places.Gazetteer
	Plan     sop.Plan
	// Roster lists the units as they stand.
	Roster    func() []incident.Unit
	Enrolment Enrolment
	County    string
	// Map is what the page shows beside its own basemap.
	Map Map
	// StaleAfter is when a unit's place counts as old, everywhere.
	StaleAfter time.Duration
	// Now is the gateway's clock; Speed its factor against real time.
	Now   func() time.Time
	Speed float64
	// Door tells who makes a request and signs people in.
	Door *signin.Door
	// Elsewhere is where acts are made, empty where they are made here.
	Elsewhere string
	// Standby, when not nil, says which gateway acts in the place of this one, empty when
	// this one does: until then nothing is taken here.
	Standby func() string
	// Edges, when not nil, takes what edge sites deliver; it asks for their password
	// itself.
	Edges http.Handler
	// LoopbackOnly refuses requests that were not made to a loopback name.
	LoopbackOnly bool
	// Posts, when not nil, takes what phones post on /pub; it asks for their password
	// itself.
	Posts http.Handler
	// Page serves everything that is not the API, under the given policy.
	Page     http.Handler
	Policy   string
	Registry *prometheus.Registry
	Log      *slog.Logger
}

// Server serves the API. Make one with [New], then run [Server.Run] beside an
// http.Server with [Server.Handler].
type Server struct {
	o     Options
	hub   *hub
	paces paces
	// replaying holds one token for each replay that is being made.
	replaying chan struct{}
}

// New prepares a server.
func New(o Options) *Server {
	if o.Enrolment.Verifier == nil {
		o.Enrolment.Verifier = account.NewVerifier(time.Now)
	}
	s := &Server{o: o, replaying: make(chan struct{}, replaysAtOnce)}
	s.hub = newHub(s)
	return s
}

// Run broadcasts events until ctx ends.
func (s *Server) Run(ctx context.Context) error { return s.hub.run(ctx) }

// routes are those that a token or session opens, as "METHOD /path".
func (s *Server) routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /api/v1/session":                    s.session,
		"GET /api/v1/units":                      s.units,
		"GET /api/v1/units/{id}/track":           s.track,
		"POST /api/v1/units/{id}/messages":       s.message,
		"GET /api/v1/incidents":                  s.incidents,
		"POST /api/v1/incidents":                 s.openIncident,
		"GET /api/v1/incidents/{id}":             s.incident,
		"GET /api/v1/incidents/{id}/record":      s.record,
		"POST /api/v1/incidents/{id}/dispatch":   s.dispatch,
		"POST /api/v1/incidents/{id}/review":     s.review,
		"POST /api/v1/incidents/{id}/notes":      s.note,
		"POST /api/v1/incidents/{id}/milestones": s.correct,
		"POST /api/v1/incidents/{id}/close":      s.closeIncident,
		"POST /api/v1/incidents/{id}/release":    s.release,
		"POST /api/v1/incidents/{id}/cancel":     s.cancel,
		"POST /api/v1/incidents/{id}/reopen":     s.reopen,
		"POST /api/v1/incidents/{id}/relocate":   s.relocate,
		"POST /api/v1/incidents/{id}/merge":      s.merge,
		"POST /api/v1/incidents/{id}/erase":      s.eraseCaller,
		"GET /api/v1/alerts":                     s.alerts,
		"GET /api/v1/messages":                   s.messages,
		"POST /api/v1/alerts/{id}/acknowledge":   s.ackAlert,
		"GET /api/v1/events":                     s.hub.serve,
		"GET /api/v1/telemetry/intervals":        s.intervals,
		"GET /api/v1/telemetry/report":           s.responseTimes,
		"GET /api/v1/telemetry/dead-letters":     s.deadLetters,
		"GET /api/v1/openapi.json":               s.openAPI,
		"GET /api/v1/links":                      s.links,
		"GET /api/v1/reports/{id}":               s.report,
		"GET /api/v1/replay":                     s.replay,
		"GET /api/v1/alarms":                     s.alarms,
		"GET /api/v1/setup":                      s.setup,
		"GET /api/v1/places":                     s.places,
		"GET /api/v1/map/overlay.geojson":        s.mapFile(s.o.Map.GeoJSONFile, "application/geo+json"),
		"GET /api/v1/map/tiles.pmtiles":          s.mapFile(s.o.Map.PMTilesFile, "application/vnd.pmtiles"),
		"GET /api/v1/devices":                    s.devices,
		"GET /api/v1/devices/unknown":            s.strangers,
		"POST /api/v1/devices/{device}/report":   s.deviceReport,
		"POST /api/v1/edges/{site}/records":      s.edge,
		"POST /api/v1/units":                     s.makeUnit,
		"POST /api/v1/units/{id}/devices":        s.bindDevice,

		"DELETE /api/v1/units/{id}/devices/{device...}": s.releaseDevice,
	}
}

// open are the routes for whoever watches the process.
func (s *Server) open() map[string]http.Handler {
	return map[string]http.Handler{
		"GET /healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, map[string]string{"status": "ok"})
		}),
		"GET /readyz":  http.HandlerFunc(s.ready),
		"GET /metrics": s.metrics(),

		profiles: s.allowed(profiles, http.HandlerFunc(profile)),
	}
}

// Handler serves the API, the health routes and the page.
func (s *Server) Handler() http.Handler {
	api := http.NewServeMux()
	for pattern, h := range s.routes() {
		api.Handle(pattern, s.allowed(pattern, h))
	}
	api.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		problem(w, http.StatusNotFound, "no such route: "+r.Method+" "+r.URL.Path)
	})
	mux := http.NewServeMux()
	mux.Handle("/api/", api)
	for pattern, h := range s.open() {
		mux.Handle(pattern, h)
	}
	if s.o.Posts != nil {
		mux.Handle("POST /pub", s.o.Posts)
	}
	mux.Handle("GET /schemas/{name}", schemas())
	help.Register(mux)
	s.o.Door.Register(mux, s.o.County)
	mux.Handle("/", s.o.Door.Page(s.o.Page))
	return s.guarded(answered(http.NewCrossOriginProtection().Handler(mux)))
}

// metrics are open to this machine, whose scrapers send no token; a gateway that
// serves others asks them for one.
func (s *Server) metrics() http.Handler {
	all := promhttp.HandlerFor(s.o.Registry, promhttp.HandlerOpts{})
	if s.o.LoopbackOnly {
		return all
	}
	return s.allowed("GET /metrics", all)
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if why := s.o.NotReady(); why != "" {
		problem(w, http.StatusServiceUnavailable, why)
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
}
