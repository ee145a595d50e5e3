package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Sheet is the printed record of one incident.
type Sheet interface {
	WriteHTML(w io.Writer) error
	WritePDF(w io.Writer) error
	WriteJSON(w io.Writer) error
}

// recordPolicy lets the sheet carry its own style and nothing else.
const recordPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

// record is the incident's sheet: ?format=html (the default), pdf or json, and the
// caller only with ?with_caller=true.
func (s *Server) record(w http.ResponseWriter, r *http.Request) {
	id, query := r.PathValue("id"), r.URL.Query()
	format := query.Get("format")
	if format == "" {
		format = "html"
	}
	mime, known := map[string]string{"html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}[format]
	if !known {
		problem(w, http.StatusBadRequest, fmt.Sprintf("format is %q, not html, pdf or json", format))
		return
	}
	sheet, found, err := s.o.Record(r.Context(), id, query.Get("with_caller") == "true")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if !found {
		problem(w, http.StatusNotFound, "no incident "+id)
		return
	}
	write := map[string]func(io.Writer) error{"html": sheet.WriteHTML, "pdf": sheet.WritePDF, "json": sheet.WriteJSON}[format]
	var out bytes.Buffer
	if err := write(&out); err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Cache-Control", "no-store")
	if format == "html" {
		w.Header().Set("Content-Security-Policy", recordPolicy)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(out.Bytes()))
}
