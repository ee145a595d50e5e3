package api

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"time"

	"htgateway/geo"
	"htgateway/telemetry/analysis"
	"htgateway/telemetry/analysis/report"
)

// responseTimes is GET /telemetry/report: the report of a period as the command
// `report` writes it, in ?format=json (the default), csv, html or table.
func (s *Server) responseTimes(w http.ResponseWriter, r *http.Request) {
	ask, format, err := s.ask(r)
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	made, err := report.Make(r.Context(), s.o.Series, ask)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if format == "json" {
		s.answerTagged(w, r, made)
		return
	}
	var out bytes.Buffer
	options := report.Options{Zone: ask.Options.Zone, Categories: s.o.Plan.Categories, Office: s.o.County, MadeAt: s.o.Now()}
	if err := report.Write(&out, format, made, options); err != nil {
		s.fail(w, r, err)
		return
	}
	mime := map[string]string{"html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8", "table": "text/plain; charset=utf-8"}[format]
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Cache-Control", "no-store")
	switch format {
	case "html":
		w.Header().Set("Content-Security-Policy", recordPolicy)
	case "csv":
		w.Header().Set("Content-Disposition", `attachment; filename="response-times.csv"`)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(out.Bytes()))
}

// ask reads what a report is asked for.
func (s *Server) ask(r *http.Request) (report.Ask, string, error) {
	q := r.URL.Query()
	ask := report.Ask{Options: analysis.Options{
		By: analysis.ByCategory, Zone: geo.WIB(), Plan: s.o.Plan,
		Now: s.o.Now().Truncate(time.Minute), // so that the same answer keeps its entity tag for a while
	}}
	err := known(q, "from", "to", "by", "category", "agency", "unit", "district", "incident", "format", "compare_from", "compare_to")
	if err == nil {
		ask.Scope, err = s.incidentsAsked(q)
	}
	if err != nil {
		return ask, "", err
	}
	if q.Has("by") {
		ask.Options.By = analysis.By(q.Get("by"))
	}
	if !slices.Contains(analysis.Groupings(), ask.Options.By) {
		return ask, "", fmt.Errorf("by is %q, not one of %v", ask.Options.By, analysis.Groupings())
	}
	if ask.OtherFrom, ask.OtherTo, err = spanNamed(q, "compare_from", "compare_to"); err == nil {
		err = ask.Check()
	}
	if err != nil {
		return ask, "", err
	}
	format := "json"
	if q.Has("format") {
		format = q.Get("format")
	}
	if !slices.Contains(report.Formats(), format) {
		return ask, "", fmt.Errorf("format is %q, not one of %v", format, report.Formats())
	}
	ask.Whole = format == "json"
	if format == "html" {
		ask.Charts, ask.Villages = true, s.o.Places.Villages()
	}
	return ask, format, nil
}
