package link

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"htgateway/devices/account"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/outbound/edge"
	"htgateway/gateway/status"
	"htgateway/geo"
)

// Deliverer journals what an edge site hands over.
type Deliverer interface {
	Deliver(ctx context.Context, d intake.Delivery) error
	Ledgers
}

// Edges takes what the gateways of edge sites deliver: a receipt is given only once
// the journal has it. Each site shows its own name and password.
type Edges struct {
	intake Deliverer
	now    func() time.Time
	log    *slog.Logger
	*credentials

	mu    sync.Mutex
	sites map[string]*siteState
}

// siteState is how a site stands, as it said last.
type siteState struct {
	// up is set while the site delivers or at least says that it is there.
	up    bool
	since time.Time
	// clockS is how many seconds its clock is ahead of this gateway's, errorS by how
	// much that may be wrong either way.
	clockS, errorS geo.Reading
	// waiting are the entries of its journal that are still to come, waitingSince when
	// the oldest of them was received there.
	waiting      uint64
	waitingSince time.Time
	heard        time.Time
}

// quietAfter is how long after its last word a site counts as away: it speaks every
// ten seconds.
const quietAfter = 30 * time.Second

// NewEdges returns the taker of deliveries. No site may deliver before SetUsers.
func NewEdges(in Deliverer, v *account.Verifier, now func() time.Time, log *slog.Logger) *Edges {
	return &Edges{intake: in, now: now, log: log, credentials: newCredentials(account.Edge, v), sites: map[string]*siteState{}}
}

// Site is the link of one site, which has delivered nothing yet.
func (e *Edges) Site(name string) *Site {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.sites[name] == nil {
		e.sites[name] = &siteState{since: e.now().UTC()}
	}
	return &Site{edges: e, about: About{ID: name, Kind: status.KindEdge, Protocol: "http"}}
}

// state is how a site stands now.
func (e *Edges) state(site string) siteState {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.sites[site]
	if s == nil {
		return siteState{}
	}
	if s.up && e.now().Sub(s.heard) > quietAfter {
		s.up, s.since = false, s.heard.Add(quietAfter).UTC()
		e.log.Warn("edge site is silent", "site", site, "last_word", s.heard)
	}
	return *s
}

// ServeHTTP takes one delivery.
func (e *Edges) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	site, given, has := r.BasicAuth()
	err := account.ErrRefused
	if has && site == r.PathValue("site") {
		err = e.verify(r.Context(), site, given, r.RemoteAddr)
	}
	if err != nil {
		e.log.Warn("edge site refused", "site", site, "from", r.RemoteAddr, "reason", err)
		if tooMany(w, err) {
			refuse(w, http.StatusTooManyRequests, "too many wrong passwords; deliver it again later")
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="htgateway edge", charset="UTF-8"`)
		refuse(w, http.StatusUnauthorized, "the site's own name and password are needed")
		return
	}
	at := e.now().UTC()
	d, err := readDelivery(w, r)
	if err != nil {
		e.log.Warn("delivery refused", "site", site, "reason", err)
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	records, clocks, err := d.Journaled()
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	e.note(site, &d, at)
	if len(records) > 0 {
		if err := e.intake.Deliver(r.Context(), intake.Delivery{Site: site, ClockS: d.ClockS, At: at, Records: records, Clocks: clocks}); err != nil {
			e.log.Error("delivery not taken", "site", site, "reason", err)
			w.Header().Set("Retry-After", "2")
			refuse(w, http.StatusServiceUnavailable, "the journal cannot be written; deliver it again later")
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(edge.Receipt{Now: e.now().UTC(), Taken: len(records)}) // a site that is gone delivers again
}

// refuse answers with problem details (RFC 9457).
func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "detail": detail}) // a site that is gone tries again
}

// note keeps what a site says of itself.
func (e *Edges) note(site string, d *edge.Delivery, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.sites[site]
	if s == nil {
		s = &siteState{}
		e.sites[site] = s
	}
	if !s.up || at.Sub(s.heard) > quietAfter {
		s.up, s.since = true, at
		e.log.Info("edge site is there", "site", site, "waiting", d.Waiting)
	}
	s.heard, s.clockS, s.errorS, s.waiting, s.waitingSince = at, d.ClockS, d.ErrorS, d.Waiting, d.WaitingSince
}

func readDelivery(w http.ResponseWriter, r *http.Request) (d edge.Delivery, err error) {
	var body io.Reader = http.MaxBytesReader(w, r.Body, edge.MaxBody)
	if r.Header.Get("Content-Encoding") == "gzip" {
		zip, err := gzip.NewReader(body)
		if err != nil {
			return d, fmt.Errorf("the delivery cannot be unpacked: %w", err)
		}
		body = io.LimitReader(zip, edge.MaxBody+1)
	}
	text, err := io.ReadAll(body)
	switch {
	case err != nil:
		return d, fmt.Errorf("the delivery cannot be read: %w", err)
	case len(text) > edge.MaxBody:
		return d, errors.New("the delivery is too large")
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return d, fmt.Errorf("the delivery cannot be read: %w", err)
	}
	return d, nil
}
