package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"htgateway/gateway/incident"
)

// How many incidents are listed at once.
const (
	usualIncidents = 1000
	mostIncidents  = 10_000
)

// incidents is GET /incidents: the newest calls first. The first page has also every
// older incident that has not ended: who asks for nothing else sees all that is going on.
func (s *Server) incidents(w http.ResponseWriter, r *http.Request) {
	want, limit, first, err := incidentsAsked(r.URL.Query())
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	asOf := s.o.Updates.Last()
	found := s.o.State.Find(want, limit+1)
	body := struct {
		Incidents []incidentView `json:"incidents"`
		Next      string         `json:"next,omitzero"` // the cursor of the next page
	}{Incidents: []incidentView{}}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1].Call()
		body.Next = writeCursor(last.ReceivedAt, last.ID)
		w.Header().Set("Link", nextLink(r.URL, body.Next))
		if first {
			older := func(c incident.Call) bool { return !c.Ended && c.Compare(last) < 0 && want(c) }
			found = append(found, s.o.State.Find(older, 0)...)
		}
	}
	for _, in := range found {
		body.Incidents = append(body.Incidents, s.view(in, asOf))
	}
	answer(w, http.StatusOK, body)
}

// incidentsAsked reads which incidents are wanted.
func incidentsAsked(q url.Values) (want func(incident.Call) bool, limit int, first bool, err error) {
	if err := known(q, "from", "to", "open", "find", "limit", "cursor"); err != nil {
		return nil, 0, false, err
	}
	from, to, err := span(q)
	if err != nil {
		return nil, 0, false, err
	}
	if limit, err = pageSize(q, usualIncidents, mostIncidents); err != nil {
		return nil, 0, false, err
	}
	var place incident.Call
	cursor := q.Get("cursor")
	if cursor != "" {
		at, names, err := readCursor(cursor, 1)
		if err != nil {
			return nil, 0, false, err
		}
		place = incident.Call{ReceivedAt: at, ID: names[0]}
	}
	open := false
	if text := q.Get("open"); text != "" {
		if open, err = strconv.ParseBool(text); err != nil {
			return nil, 0, false, fmt.Errorf("open is true or false, not %q", text)
		}
	}
	words := strings.Fields(strings.ToLower(q.Get("find")))
	return func(c incident.Call) bool {
		switch {
		case open && c.Ended, !from.IsZero() && c.ReceivedAt.Before(from), !to.IsZero() && !c.ReceivedAt.Before(to):
			return false
		case cursor != "" && c.Compare(place) >= 0:
			return false
		case len(words) == 0:
			return true
		}
		text := strings.ToLower(c.Number + " " + c.Category + " " + c.Address + " " + c.District)
		for _, word := range words {
			if !strings.Contains(text, word) {
				return false
			}
		}
		return true
	}, limit, cursor == "", nil
}
