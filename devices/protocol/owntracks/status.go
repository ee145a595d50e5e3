package owntracks

import (
	"strings"

	"htgateway/devices"
)

// androidStatus is what an Android phone tells of its settings, each 0 or 1 but
// loc, which is 0 for a position at all times and negative for less (seen, not
// documented).
type androidStatus struct {
	Hibernate  number `json:"hib"`
	Optimised  number `json:"bo"`
	Permission number `json:"loc"`
	PowerSave  number `json:"ps"`
}

// iosStatus is what an iPhone tells of its settings, in the words of iOS.
type iosStatus struct {
	Location   string `json:"locationManagerAuthorizationStatus"`
	Background any    `json:"backgroundRefreshStatus"`
	Model      string `json:"deviceModel"`
}

// status reads why a phone is or may be silent. Source: OwnTracks booklet, "JSON",
// _type=status.
func (p *payload) status() *devices.Presence {
	s := &devices.Presence{}
	if a := p.Android; a != nil {
		s.PowerSave, s.BatteryOptimised, s.MayHibernate = a.PowerSave > 0, a.Optimised > 0, a.Hibernate > 0
		s.NoLocation = a.Permission < 0
	}
	if i := p.IOS; i != nil {
		s.Detail = devices.Printable(i.Location, 100, "")
		word := strings.ToLower(i.Location)
		for _, less := range []string{"denied", "restricted", "notdetermined", "wheninuse"} {
			s.NoLocation = s.NoLocation || strings.Contains(strings.ReplaceAll(word, " ", ""), less)
		}
		if refresh, is := i.Background.(bool); is {
			s.MayHibernate = !refresh
		}
	}
	return s
}
