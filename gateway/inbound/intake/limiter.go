package intake

import "htgateway/devices"

// How many refused frames are journaled a second; what exceeds it is counted as
// shed. Each device has its own allowance, so that one that floods does not cost the
// others theirs. Frames that name nobody share one on their link; and since a name on
// the air is a claim, all names of a link together have a bound too, but for those
// whose sender showed a password.
const (
	refusalsPerSecond     = 20
	linkRefusalsPerSecond = 10 * refusalsPerSecond
)

// rejectLimiter counts this second's refused frames by who sent them.
type rejectLimiter struct {
	second int64
	by     map[refuser]int
}

type refuser struct {
	link, account string
	device        devices.Identity
}

// allow takes one refusal's worth of the sender's allowance. It is false when that is
// used up.
func (l *rejectLimiter) allow(h *Heard, r *devices.Report) bool {
	if s := r.ReceivedAt.Unix(); s != l.second || l.by == nil {
		l.second, l.by = s, map[refuser]int{}
	}
	own := refuser{link: h.Link, device: r.Device}
	if h.Account != "" {
		own = refuser{link: h.Link, account: h.Account}
	}
	if l.by[own] >= refusalsPerSecond {
		return false
	}
	whole := refuser{link: h.Link, device: allNames}
	if h.Account == "" && r.Device != "" {
		if l.by[whole] >= linkRefusalsPerSecond {
			return false
		}
		l.by[whole]++
	}
	l.by[own]++
	return true
}

// allNames stands for every device of a link together; no device has such a name.
const allNames devices.Identity = "*"
