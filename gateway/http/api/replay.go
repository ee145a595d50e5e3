package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"time"

	"htgateway/gateway/history/replay"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/silence"
	"htgateway/telemetry"
)

// Bounds of a replay.
const (
	// longestReplay is the longest period that one request may ask for.
	longestReplay = 12 * time.Hour
	// aroundIncident is what is shown before an incident's call and after its closing.
	aroundIncident = 2 * time.Minute
	// stepsOfReplay and fixesOfReplay bound how many fixes of one unit and of all are
	// written: in a long period, or of many units, fewer of each.
	stepsOfReplay = 720
	fixesOfReplay = 200_000
	replaysAtOnce = 2
	// replayStall is how long a client may leave an answer unread.
	replayStall = 30 * time.Second
)

// replayLine is one line of a replay (JSON lines). The first has kind "begin", the
// last "end"; an answer without that last line is not whole.
type replayLine struct {
	Kind string    `json:"kind"`
	At   time.Time `json:"at"`

	Units     []feature      `json:"units,omitzero"`
	Incidents []incidentView `json:"incidents,omitzero"`
	Fixes     []replayFix    `json:"fixes,omitzero"`

	// Of "begin": the period, how often a unit's place is written at most, and the
	// incidents as they are known today.
	To    time.Time      `json:"to,omitzero"`
	StepS float64        `json:"step_s,omitzero"`
	Today []incidentView `json:"today,omitzero"`
	// Of "end": whether the answer is complete, and why not.
	Complete *bool  `json:"complete,omitempty"`
	Why      string `json:"why,omitempty"`
}

type replayFix struct {
	Unit      string    `json:"unit"`
	Time      time.Time `json:"time"`
	KnownAt   time.Time `json:"known_at,omitzero"` // zero: after the period
	Lat       float64   `json:"lat"`
	Lon       float64   `json:"lon"`
	SpeedMPS  *float64  `json:"speed_mps,omitempty"`
	CourseDeg *float64  `json:"course_deg,omitempty"`
	AccuracyM *float64  `json:"accuracy_m,omitempty"`
	Newest    bool      `json:"newest"`
}

// replay is GET /replay: a past period, or the life of an incident, as the gateway
// knew it at each moment, and after it the places that it learned only later.
func (s *Server) replay(w http.ResponseWriter, r *http.Request) {
	a, status, err := s.replayAsked(r.URL.Query())
	if err != nil {
		problem(w, status, err.Error())
		return
	}
	select {
	case s.replaying <- struct{}{}:
		defer func() { <-s.replaying }()
	default:
		w.Header().Set("Retry-After", "10")
		problem(w, http.StatusServiceUnavailable, "other replays are being made: try again in a moment")
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	t := &replayWriter{s: s, a: a, control: http.NewResponseController(w), numbers: map[string]string{}, heard: map[uint64]bool{}, seed: maphash.MakeSeed()}
	t.out = bufio.NewWriterSize(w, 1<<16)
	a.Heard = func(report string) { t.heard[maphash.String(t.seed, report)] = true }
	err = s.o.Replay(r.Context(), a, t.moment)
	if err == nil {
		err = t.later(r.Context())
	}
	if r.Context().Err() != nil {
		return // nobody listens
	}
	done := err == nil
	end := replayLine{Kind: "end", At: a.To, Complete: &done}
	if err != nil {
		s.o.Log.Error("replay broke off", "from", a.From, "to", a.To, "reason", err)
		end.Why = "the replay broke off; the gateway's log says why"
	}
	if err := errors.Join(t.line(end), t.out.Flush()); err != nil {
		s.o.Log.Debug("replay not delivered", "reason", err)
	}
}

// replayAsked reads the period: from and to, or an incident's life.
func (s *Server) replayAsked(q url.Values) (a replay.Ask, status int, err error) {
	if err := known(q, "from", "to", "incident"); err != nil {
		return a, http.StatusBadRequest, err
	}
	if a.From, a.To, err = span(q); err != nil {
		return a, http.StatusBadRequest, err
	}
	now := s.o.Now().UTC()
	if id := q.Get("incident"); id != "" {
		in, known := s.o.State.Incident(id)
		if !known {
			return a, http.StatusNotFound, errors.New("no incident " + id)
		}
		if a.From.IsZero() {
			a.From = in.ReceivedAt.Add(-aroundIncident)
		}
		if a.To.IsZero() {
			a.To = now
			if !in.ClosedAt.IsZero() {
				a.To = in.ClosedAt.Add(aroundIncident)
			}
			a.To = earlier(a.To, a.From.Add(longestReplay))
		}
	}
	a.To = earlier(a.To, now)
	switch {
	case a.From.IsZero() || a.To.IsZero():
		return a, http.StatusBadRequest, errors.New("from and to, or incident, are needed")
	case !a.From.Before(a.To):
		return a, http.StatusBadRequest, fmt.Errorf("from (%s) is not past", a.From.Format(time.RFC3339))
	case a.To.Sub(a.From) > longestReplay:
		return a, http.StatusBadRequest, fmt.Errorf("the period is longer than %s: ask for less", longestReplay)
	}
	a.From, a.To = a.From.UTC(), a.To.UTC()
	a.Known = s.o.State.Find(func(c incident.Call) bool { return replay.Concerns(c, a.From, a.To) }, 0)
	a.Step = a.To.Sub(a.From) / stepsOfReplay
	if units := len(s.o.Roster()); units*stepsOfReplay > fixesOfReplay {
		a.Step = a.To.Sub(a.From) * time.Duration(units) / fixesOfReplay
	}
	return a, 0, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// replayWriter writes a replay's lines.
type replayWriter struct {
	s       *Server
	a       replay.Ask
	out     *bufio.Writer
	control *http.ResponseController
	begun   bool
	numbers map[string]string // of incidents
	heard   map[uint64]bool   // reports behind fixes that were known, by hash
	seed    maphash.Seed
}

func (t *replayWriter) line(l replayLine) error {
	// A server without connections (a test's recorder) knows no deadlines.
	if err := t.control.SetWriteDeadline(time.Now().Add(replayStall)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("cannot bound how long the client may stall: %w", err)
	}
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("cannot write a moment: %w", err)
	}
	if _, err = t.out.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("cannot write a moment: %w", err)
	}
	return nil
}

func (t *replayWriter) moment(m replay.Moment) error {
	l := replayLine{Kind: "moment", At: m.At}
	if !t.begun {
		t.begun = true
		l.Kind, l.To, l.StepS, l.Today = "begin", t.a.To, t.a.Step.Seconds(), t.today()
	}
	for _, in := range m.Incidents {
		t.numbers[in.ID] = in.Number
		l.Incidents = append(l.Incidents, incidentView{Incident: in.Incident, Clocks: in.Clocks})
	}
	for _, u := range m.Units {
		l.Units = append(l.Units, t.s.featureAt(u, m.At, t.numbers[u.Incident], 0, noLink))
	}
	for _, f := range m.Fixes {
		l.Fixes = append(l.Fixes, replayFix{
			Unit: f.Unit, Time: f.Time, KnownAt: f.KnownAt, Lat: f.Fix.Point.Lat(), Lon: f.Fix.Point.Lon(), Newest: f.Newest,
			SpeedMPS: reading(f.Fix.SpeedMPS.Value()), CourseDeg: reading(f.Fix.CourseDeg.Value()), AccuracyM: reading(f.Fix.AccuracyM.Value()),
		})
	}
	return t.line(l)
}

// noLink: the state of a link at that time is not known, so it explains no silence.
func noLink(string) *silence.Link { return nil }

// today is every incident that the period concerns as it is known now, with what was
// learned only afterwards.
func (t *replayWriter) today() []incidentView {
	out := []incidentView{}
	for _, in := range t.a.Known {
		out = append(out, t.s.view(in, 0))
	}
	return out
}

// later writes the fixes of the period that were learned only after its end.
func (t *replayWriter) later(ctx context.Context) error {
	written := map[string]time.Time{}
	l := replayLine{Kind: "later", At: t.a.To}
	for p, err := range t.s.o.Series.Points(ctx, telemetry.Query{Measurement: telemetry.UnitFix, From: t.a.From, To: t.a.To}) {
		if err != nil {
			return fmt.Errorf("cannot read what was learned later: %w", err)
		}
		report, _ := p.Field("report").(string)
		unit := p.Tag("unit")
		if t.heard[maphash.String(t.seed, report)] {
			continue
		}
		if last, has := written[unit]; has && p.Time.Sub(last) < t.a.Step {
			continue
		}
		written[unit] = p.Time
		lat, _ := p.Field("lat").(float64)
		lon, _ := p.Field("lon").(float64)
		l.Fixes = append(l.Fixes, replayFix{Unit: unit, Time: p.Time, Lat: lat, Lon: lon})
	}
	if len(l.Fixes) == 0 {
		return nil
	}
	return t.line(l)
}
