package api

import (
	"net/http"
	"slices"

	"htgateway/gateway/journal"
)

// alarms is GET /alarms: breaches before warnings, the oldest first.
func (s *Server) alarms(w http.ResponseWriter, _ *http.Request) {
	out := append([]journal.Alarm{}, s.o.State.OpenAlarms()...)
	slices.SortStableFunc(out, func(a, b journal.Alarm) int {
		switch {
		case a.Kind == b.Kind:
			return 0
		case a.Kind == journal.AlarmBreach:
			return -1
		}
		return 1
	})
	answer(w, http.StatusOK, map[string]any{"alarms": out})
}
