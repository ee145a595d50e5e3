package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"htgateway/telemetry"
)

// defaultTrack is how far back a track goes when nobody says.
const defaultTrack = time.Hour

// Pages of a track, in fixes.
const (
	usualFixes = 20_000
	mostFixes  = 100_000
)

// trackPlace is a place in a track: a time, and how many fixes of that very time
// were given out.
type trackPlace struct {
	at   time.Time
	past int
}

func (p trackPlace) String() string {
	return strconv.FormatInt(p.at.UnixNano(), 10) + "." + strconv.Itoa(p.past)
}

func readTrackPlace(cursor string) (trackPlace, error) {
	nanos, past, cut := strings.Cut(cursor, ".")
	at, err := strconv.ParseInt(nanos, 10, 64)
	n, err2 := strconv.Atoi(past)
	if !cut || err != nil || err2 != nil || n < 1 {
		return trackPlace{}, errCursor
	}
	return trackPlace{time.Unix(0, at).UTC(), n}, nil
}

// track is a unit's way as a GeoJSON feature, with the time of each point.
func (s *Server) track(w http.ResponseWriter, r *http.Request) {
	id, q := r.PathValue("id"), r.URL.Query()
	if _, known := s.o.State.UnitByID(id); !known {
		problem(w, http.StatusNotFound, "no unit "+id)
		return
	}
	query := telemetry.Query{Measurement: telemetry.UnitFix, Tags: map[string]string{"unit": id}}
	var place trackPlace
	err := known(q, "from", "to", "limit", "cursor")
	if err == nil {
		query.From, query.To, err = span(q)
	}
	limit := 0
	if err == nil {
		limit, err = pageSize(q, usualFixes, mostFixes)
	}
	if err == nil && q.Get("cursor") != "" {
		place, err = readTrackPlace(q.Get("cursor"))
	}
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	switch {
	case !place.at.IsZero():
		query.From = place.at
	case query.From.IsZero() && query.To.IsZero():
		query.From = s.o.Now().Add(-defaultTrack)
	}
	line, times, next, err := s.fixes(r, query, place, limit)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	body := trackFeature{Type: "Feature", ID: id, Next: next}
	body.Geometry.Type, body.Geometry.Coordinates = "LineString", line
	body.Properties.Unit, body.Properties.Times = id, times
	if next != "" {
		w.Header().Set("Link", nextLink(r.URL, next))
	}
	s.answerTagged(w, r, body)
}

type trackFeature struct {
	Type     string `json:"type"`
	ID       string `json:"id"`
	Geometry struct {
		Type        string         `json:"type"`
		Coordinates orb.LineString `json:"coordinates"`
	} `json:"geometry"`
	Properties struct {
		Unit  string      `json:"unit"`
		Times []time.Time `json:"times"`
	} `json:"properties"`
	// Next is the cursor of the next page, empty on the last.
	Next string `json:"next,omitzero"`
}

// fixes reads one page of a track, and where the next one begins.
func (s *Server) fixes(r *http.Request, q telemetry.Query, place trackPlace, limit int) (orb.LineString, []time.Time, string, error) {
	line, times := orb.LineString{}, []time.Time{}
	skip := place.past
	for p, err := range s.o.Series.Points(r.Context(), q) {
		switch {
		case err != nil:
			return nil, nil, "", err
		case skip > 0 && p.Time.Equal(place.at):
			skip--
			continue
		case len(line) == limit:
			return line, times, end(times, place).String(), nil
		}
		lat, _ := p.Field("lat").(float64)
		lon, _ := p.Field("lon").(float64)
		line, times = append(line, orb.Point{lon, lat}), append(times, p.Time)
	}
	return line, times, "", nil
}

// end is the place after the last fix of a page.
func end(times []time.Time, before trackPlace) trackPlace {
	last := trackPlace{at: times[len(times)-1]}
	if last.at.Equal(before.at) {
		last.past = before.past
	}
	for i := len(times) - 1; i >= 0 && times[i].Equal(last.at); i-- {
		last.past++
	}
	return last
}
