package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/incident"
)

// Roster makes units and binds devices.
type Roster interface {
	Units() []incident.Unit
	MakeUnit(ctx context.Context, c incident.Actor, n enrolment.NewUnit) (incident.Unit, error)
	Bind(ctx context.Context, c incident.Actor, unit string, d devices.Identity) error
	Release(ctx context.Context, c incident.Actor, unit string, d devices.Identity) error
	Enrol(ctx context.Context, c incident.Actor, unit, app string) (enrolment.Secrets, error)
	Holder(token string) (devices.Identity, bool)
}

// Enrolment is what the API needs to enrol devices and to take their reports.
type Enrolment struct {
	Roster Roster
	// Settled returns once the newest act has had its effect.
	Settled func(ctx context.Context)
	// Receive journals a report of a device; refused is why it was set aside for good.
	Receive func(ctx context.Context, d devices.Identity, body []byte, at time.Time) (refused, err error)
	// Verifier refuses whoever guesses at a device's token; nil for one of the API's own.
	Verifier *account.Verifier
	// PerSecond is how many reports a second one device may send for long; Burst how
	// many at once.
	PerSecond float64
	Burst     int
	// PublicURL is how phones reach the gateway; empty is how the dispatcher does.
	PublicURL string
	// BrokerPort is the embedded broker's, empty without one: phones then post by
	// HTTP. BrokerLocal tells that it listens on loopback only.
	BrokerPort             string
	BrokerTLS, BrokerLocal bool
}

// makeUnit is POST /units.
func (s *Server) makeUnit(w http.ResponseWriter, r *http.Request) {
	var n enrolment.NewUnit
	if err := body(w, r, &n); err != nil {
		s.fail(w, r, err)
		return
	}
	u, err := s.o.Enrolment.Roster.MakeUnit(r.Context(), caller(r), n)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.o.Enrolment.Settled(r.Context())
	answer(w, http.StatusCreated, u)
}

// enrolled is a device as it was bound. What it needs to prove itself is shown
// here and never again.
type enrolled struct {
	Unit   string           `json:"unit"`
	Device devices.Identity `json:"device"`
	enrolment.Invitation
	Token    string `json:"token,omitzero"`
	User     string `json:"user,omitzero"`
	Password string `json:"password,omitzero"`
}

// bindDevice is POST /units/{id}/devices: with a device that was heard, or with the
// app of a new one.
func (s *Server) bindDevice(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Device devices.Identity `json:"device"`
		App    string           `json:"app"`
	}
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	out := enrolled{Unit: r.PathValue("id"), Device: req.Device}
	var err error
	switch {
	case (req.Device == "") == (req.App == ""):
		err = fmt.Errorf("%w: name either the device to bind or the app to enrol", incident.ErrInvalid)
	case req.App == "":
		err = s.o.Enrolment.Roster.Bind(r.Context(), caller(r), out.Unit, req.Device)
	default:
		err = s.enrolDevice(r, req.App, &out)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.o.Enrolment.Settled(r.Context())
	answer(w, http.StatusCreated, out)
}

func (s *Server) enrolDevice(r *http.Request, app string, out *enrolled) error {
	e := s.o.Enrolment
	if app == enrolment.MQTT && e.BrokerPort == "" {
		return fmt.Errorf("%w: app %q needs the embedded broker (mqtt.embedded.enabled)", incident.ErrInvalid, app)
	}
	where := enrolment.Whereabouts{URL: e.PublicURL, BrokerPort: e.BrokerPort, BrokerTLS: e.BrokerTLS, BrokerLocal: e.BrokerLocal}
	if where.URL == "" {
		scheme := "http://"
		if r.TLS != nil {
			scheme = "https://"
		}
		where.URL = scheme + r.Host
	}
	secrets, err := e.Roster.Enrol(r.Context(), caller(r), out.Unit, app)
	if err != nil {
		return err
	}
	callSign := out.Unit
	for _, u := range e.Roster.Units() {
		if u.ID == out.Unit {
			callSign = u.CallSign
		}
	}
	out.Device, out.Token, out.User, out.Password = secrets.Device, secrets.Token, secrets.User, secrets.Password
	out.Invitation, err = secrets.Invite(app, callSign, where)
	return err
}

// releaseDevice is DELETE /units/{id}/devices/{device}.
func (s *Server) releaseDevice(w http.ResponseWriter, r *http.Request) {
	device := devices.Identity(r.PathValue("device"))
	if err := s.o.Enrolment.Roster.Release(r.Context(), caller(r), r.PathValue("id"), device); err != nil {
		s.fail(w, r, err)
		return
	}
	s.o.Enrolment.Settled(r.Context())
	w.WriteHeader(http.StatusNoContent)
}

// paces holds back devices that send too fast. Only devices with a token get that
// far, so that there are no more of them than were enrolled.
type paces struct {
	mu sync.Mutex
	of map[devices.Identity]*rate.Limiter
}

// wait is how long a device has to wait before its next report, 0 when it need not.
func (p *paces) wait(d devices.Identity, perSecond float64, burst int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[devices.Identity]*rate.Limiter{}
	}
	l := p.of[d]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(perSecond), burst)
		p.of[d] = l
	}
	if l.Allow() {
		return 0
	}
	return max(time.Second, time.Duration(float64(time.Second)/perSecond))
}

// deviceReport is POST /devices/{device}/report: a field report of a device that
// proves itself by its token. A 2xx means that it is on disk, a 422 that it never
// will be more than set aside there; anything else is to be sent again.
func (s *Server) deviceReport(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	holder, known := s.o.Enrolment.Roster.Holder(token)
	name := strings.TrimPrefix(r.PathValue("device"), "field:")
	right := known && holder == devices.Identity("field:"+name)
	err := s.o.Enrolment.Verifier.VerifyToken(account.Claim{Realm: account.Field, Name: "field:" + name, Secret: []byte(token), From: r.RemoteAddr}, right)
	var slow *account.TooManyError
	switch {
	case errors.As(err, &slow):
		w.Header().Set("Retry-After", fmt.Sprint(slow.Seconds()))
		problem(w, http.StatusTooManyRequests, "too many wrong tokens")
		return
	case err != nil:
		w.Header().Set("WWW-Authenticate", `Bearer realm="htgateway device"`)
		problem(w, http.StatusUnauthorized, "this device's token is needed; one that was released has none")
		return
	}
	if wait := s.paces.wait(holder, s.o.Enrolment.PerSecond, s.o.Enrolment.Burst); wait > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(wait.Seconds()+0.5)))
		problem(w, http.StatusTooManyRequests, "this device sends too fast")
		return
	}
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		problem(w, http.StatusRequestEntityTooLarge, "a report has at most 64 KiB")
		return
	}
	if err != nil {
		s.fail(w, r, errors.Join(errBody, err))
		return
	}
	at := s.o.Now().UTC()
	refused, err := s.o.Enrolment.Receive(r.Context(), holder, payload, at)
	switch {
	case err != nil:
		s.o.Log.Error("report not journaled", "device", holder, "reason", err)
		w.Header().Set("Retry-After", "5")
		problem(w, http.StatusServiceUnavailable, "the report could not be journaled; send it again")
	case refused != nil:
		problem(w, http.StatusUnprocessableEntity, refused.Error())
	default:
		answer(w, http.StatusOK, map[string]any{"state": "journaled", "device": holder, "received_at": at})
	}
}
