package api

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

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
		last := found[limit-1]
		body.Next = incidentPlace{last.ReceivedAt, last.ID}.write()
		w.Header().Set("Link", nextLink(r.URL, body.Next))
		if first {
			for _, in := range s.o.State.Open() {
				if (incidentPlace{in.ReceivedAt, in.ID}).after(incidentPlace{last.ReceivedAt, last.ID}) && want(in.Call()) {
					found = append(found, in)
				}
			}
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
	var place incidentPlace
	if cursor := q.Get("cursor"); cursor != "" {
		if place, err = readIncidentPlace(cursor); err != nil {
			return nil, 0, false, err
		}
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
		case place != (incidentPlace{}) && !(incidentPlace{c.ReceivedAt, c.ID}).after(place):
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
	}, limit, place == (incidentPlace{}), nil
}

// incidentPlace is where an incident stands in the list.
type incidentPlace struct {
	received time.Time
	id       string
}

// after tells whether the place stands after another in the list, newest calls first.
func (p incidentPlace) after(o incidentPlace) bool {
	if c := p.received.Compare(o.received); c != 0 {
		return c < 0
	}
	return p.id < o.id
}

func (p incidentPlace) write() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.received.UnixNano(), 10) + " " + p.id))
}

func readIncidentPlace(cursor string) (incidentPlace, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	at, id, whole := strings.Cut(string(text), " ")
	nanos, numErr := strconv.ParseInt(at, 10, 64)
	if err != nil || numErr != nil || !whole {
		return incidentPlace{}, errCursor
	}
	return incidentPlace{time.Unix(0, nanos).UTC(), id}, nil
}
