package api

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
	"htgateway/telemetry/analysis"
)

// intervals is GET /telemetry/intervals: figures, or with raw=true the measured
// values behind them, page by page.
func (s *Server) intervals(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	scope, raw, err := s.scope(q)
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	by, limit, after, err := shape(q, raw)
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	if raw {
		record, err := analysis.Read(r.Context(), s.o.Series, scope)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.samples(w, r, record, limit, after)
		return
	}
	// Open intervals are looked at to the minute, so that the same answer keeps
	// its entity tag for a while.
	o := analysis.Options{By: by, Zone: geo.WIB(), Plan: s.o.Plan, Now: s.o.Now().Truncate(time.Minute)}
	survey, err := analysis.ReadSurvey(r.Context(), s.o.Series, scope, o, true)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answerTagged(w, r, struct {
		analysis.Figures
		Keys      []analysis.KeyUse `json:"keys"`
		KeyMethod string            `json:"key_method"`
	}{survey.Figures[0], survey.Keys, analysis.KeyMethod})
}

// scope reads which incidents and units are asked for.
func (s *Server) scope(q url.Values) (scope analysis.Scope, raw bool, err error) {
	if err = known(q, "from", "to", "by", "category", "agency", "unit", "district", "incident", "raw", "limit", "cursor"); err != nil {
		return scope, raw, err
	}
	if scope, err = s.incidentsAsked(q); err != nil {
		return scope, raw, err
	}
	if text := q.Get("raw"); text != "" {
		if raw, err = strconv.ParseBool(text); err != nil {
			return scope, raw, fmt.Errorf("raw is %q, neither true nor false", text)
		}
	}
	return scope, raw, nil
}

// incidentsAsked reads the period and the filters that figures and reports share.
func (s *Server) incidentsAsked(q url.Values) (scope analysis.Scope, err error) {
	if scope.From, scope.To, err = span(q); err != nil {
		return scope, err
	}
	scope.Category, scope.District, scope.Incident = q.Get("category"), q.Get("district"), q.Get("incident")
	scope.Agency, scope.Unit = q.Get("agency"), q.Get("unit")
	if scope.Category != "" && !s.o.Plan.Knows(scope.Category) {
		return scope, fmt.Errorf("unknown category %q", scope.Category)
	}
	return scope, nil
}

// Pages of raw samples.
const (
	usualSamples = 1000
	mostSamples  = 10_000
)

// shape reads how the answer is grouped or paged.
func shape(q url.Values, raw bool) (by analysis.By, limit int, after analysis.Sample, err error) {
	if raw {
		if q.Has("by") {
			return by, limit, after, errors.New("raw values are not grouped: by and raw exclude each other")
		}
		if limit, err = pageSize(q, usualSamples, mostSamples); err == nil && q.Get("cursor") != "" {
			after, err = readPlace(q.Get("cursor"))
		}
		return by, limit, after, err
	}
	if q.Has("limit") || q.Has("cursor") {
		return by, limit, after, errors.New("limit and cursor are for raw=true")
	}
	by = analysis.ByCategory
	if q.Has("by") {
		by = analysis.By(q.Get("by"))
	}
	if !slices.Contains(analysis.Groupings(), by) {
		err = fmt.Errorf("by is %q, not one of %v", by, analysis.Groupings())
	}
	return by, limit, after, err
}

// samples answers with one page of values, those after a place in their order.
func (s *Server) samples(w http.ResponseWriter, r *http.Request, record *analysis.Record, limit int, after analysis.Sample) {
	all, err := record.Samples()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	from := 0
	if after.Incident != "" {
		at, found := slices.BinarySearchFunc(all, after, inOrder)
		if from = at; found {
			from++
		}
	}
	page := all[from:]
	body := struct {
		Samples []analysis.Sample `json:"samples"`
		Next    string            `json:"next,omitzero"`
	}{Samples: page[:min(limit, len(page))]}
	if len(page) > limit {
		body.Next = writePlace(page[limit-1])
		w.Header().Set("Link", nextLink(r.URL, body.Next))
	}
	s.answerTagged(w, r, body)
}

func inOrder(a, b analysis.Sample) int {
	return cmp.Or(a.To.Compare(b.To), strings.Compare(a.Incident, b.Incident), strings.Compare(a.Unit, b.Unit), cmp.Compare(a.Interval, b.Interval))
}

// writePlace names a sample's place in their order. It stays good while others
// come and go.
func writePlace(s analysis.Sample) string {
	return writeCursor(s.To, s.Incident, s.Unit, string(s.Interval))
}

func readPlace(cursor string) (analysis.Sample, error) {
	to, names, err := readCursor(cursor, 3)
	if err != nil {
		return analysis.Sample{}, err
	}
	return analysis.Sample{To: to, Incident: names[0], Unit: names[1], Interval: sop.IntervalName(names[2])}, nil
}

// deadLetters is GET /telemetry/dead-letters: what a store will never take.
func (s *Server) deadLetters(w http.ResponseWriter, r *http.Request) {
	limit, err := pageSize(r.URL.Query(), 100, 1000)
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	letters, err := s.o.DeadLetters.DeadLetters(r.Context(), limit)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	count, err := s.o.DeadLetters.CountDeadLetters(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if letters == nil {
		letters = []updatelog.DeadLetter{}
	}
	answer(w, http.StatusOK, map[string]any{"dead_letters": letters, "count": count})
}
