package api

import (
	"net/http"
	"slices"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// OpenAlarms are the alarms at which a dispatcher has still to look: breaches
// before warnings, the oldest first.
func OpenAlarms(incidents []incident.Incident) []journal.Alarm {
	out := []journal.Alarm{}
	for _, in := range incidents {
		for _, a := range in.Alarms {
			if a.Open() {
				out = append(out, a)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b journal.Alarm) int {
		if a.Kind != b.Kind {
			if a.Kind == journal.AlarmBreach {
				return -1
			}
			return 1
		}
		return a.At.Compare(b.At)
	})
	return out
}

// alarms is GET /alarms.
func (s *Server) alarms(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"alarms": OpenAlarms(s.o.State.Incidents())})
}
