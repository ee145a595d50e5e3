package api

import (
	"net/http"
	"slices"

	"htgateway/gateway/journal"
)

// alarms is GET /alarms: breaches before warnings, the oldest first.
func (s *Server) alarms(w http.ResponseWriter, _ *http.Request) {
	out := append([]journal.Alarm{}, s.o.State.OpenAlarms()...)
	rank := map[string]int{journal.AlarmBreach: 0, journal.AlarmWarning: 1}
	slices.SortStableFunc(out, func(a, b journal.Alarm) int { return rank[a.Kind] - rank[b.Kind] })
	answer(w, http.StatusOK, map[string]any{"alarms": out})
}
