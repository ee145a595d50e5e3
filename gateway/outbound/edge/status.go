package edge

import (
	"fmt"
	"strings"
	"time"

	"htgateway/gateway/status"
	"htgateway/geo"
)

// Status is how the way to the centre stands; Reports counts the records that it took.
func (s *Sender) Status() []status.Status {
	s.mu.Lock()
	out := status.Status{ID: "centre", Kind: status.KindCentre, Protocol: "http", State: status.Up, Since: s.since, Why: s.why, Reports: s.sent}
	if !s.isUp {
		out.State = status.Down
	}
	pl := s.place
	s.mu.Unlock()
	var doubt geo.Reading
	out.ClockS, doubt = s.post.stands()
	var since time.Time
	if pl != nil {
		out.Waiting, since = pl.waiting()
	}
	if !since.IsZero() {
		out.WaitingSince = &since
	}
	if w := Waits(out.Waiting, since, out.ClockS, doubt); w != "" {
		out.Why = strings.TrimPrefix(out.Why+"; "+w, "; ")
	}
	return []status.Status{out}
}

// clockDiffers is from when the clock of an edge site is pointed out, in seconds.
const clockDiffers = 2

// Waits says how many entries are still to come from a site and since when, and that
// its clock is wrong when it is: clock is how many seconds it is ahead, doubt by how
// much that may be wrong. It is empty when nothing waits and the clock is right.
func Waits(n uint64, since time.Time, clock, doubt geo.Reading) string {
	var words []string
	if n > 0 {
		words = append(words, fmt.Sprintf("%d entri menunggu sejak %s / entries wait since then", n, since.In(geo.WIB()).Format("2006-01-02 15:04")))
	}
	if ahead, known := clock.Value(); known && (ahead > clockDiffers || ahead < -clockDiffers) {
		words = append(words, fmt.Sprintf("jam situs berbeda / the site's clock differs: %+.1f s (±%.1f)", ahead, doubt.Or(0)))
	}
	return strings.Join(words, "; ")
}
