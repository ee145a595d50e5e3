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
	"htgateway/geo"
)

// Deliverer journals what an edge site hands over.
type Deliverer interface {
	Deliver(ctx context.Context, d intake.Delivery) error
}

// Edges takes what the gateways of edge sites deliver: a receipt is given only once
// the journal has it. Each site shows its own name and password.
type Edges struct {
	intake Deliverer
	now    func() time.Time
	log    *slog.Logger
	*credentials

	mu    sync.Mutex
	sites map[string]*EdgeState
}

// EdgeState is how a site stands, as it told last.
type EdgeState struct {
	// Up is set while the site delivers or at least says that it is there.
	Up    bool
	Since time.Time
	// ClockS is how many seconds its clock is ahead of this gateway's, ErrorS by how
	// much that may be wrong either way.
	ClockS, ErrorS geo.Reading
	// Waiting are the entries of its journal that are still to come, WaitingSince when
	// the oldest of them was received there.
	Waiting      uint64
	WaitingSince time.Time
	told         time.Time
}

// quietAfter is how long after its last word a site counts as away: it speaks every
// ten seconds.
const quietAfter = 30 * time.Second

// NewEdges returns the taker of deliveries. users are the sites with the hashes of
// their passwords.
func NewEdges(in Deliverer, users map[string]string, v *account.Verifier, now func() time.Time, log *slog.Logger) *Edges {
	e := &Edges{intake: in, now: now, log: log, credentials: newCredentials(users, v), sites: map[string]*EdgeState{}}
	for site := range users {
		e.sites[site] = &EdgeState{Since: now().UTC()}
	}
	return e
}

// State is how a site stands now.
func (e *Edges) State(site string) EdgeState {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.sites[site]
	if s == nil {
		return EdgeState{}
	}
	if s.Up && e.now().Sub(s.told) > quietAfter {
		s.Up, s.Since = false, s.told.Add(quietAfter).UTC()
		e.log.Warn("edge site is silent", "site", site, "last_word", s.told)
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
	records, err := d.Journaled()
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	e.tell(site, &d, at)
	if len(records) > 0 {
		if err := e.intake.Deliver(r.Context(), intake.Delivery{Site: site, ClockS: d.ClockS, At: at, Records: records}); err != nil {
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

// tell keeps what a site says of itself.
func (e *Edges) tell(site string, d *edge.Delivery, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.sites[site]
	if s == nil {
		s = &EdgeState{}
		e.sites[site] = s
	}
	if !s.Up || at.Sub(s.told) > quietAfter {
		s.Up, s.Since = true, at
		e.log.Info("edge site is there", "site", site, "waiting", d.Waiting)
	}
	s.told, s.ClockS, s.ErrorS, s.Waiting, s.WaitingSince = at, d.ClockS, d.ErrorS, d.Waiting, d.WaitingSince
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
