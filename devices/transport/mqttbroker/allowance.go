package mqttbroker

import "time"

// allowance is a token bucket: so many messages at once, refilled at a rate. It is
// not safe for concurrent use.
type allowance struct {
	perSecond, burst float64
	left             float64
	at               time.Time
}

func newAllowance(perSecond, burst float64, now time.Time) allowance {
	return allowance{perSecond: perSecond, burst: burst, left: burst, at: now}
}

// take uses one message's worth if there is one. A clock that was set back gives
// nothing and takes nothing.
func (a *allowance) take(now time.Time) bool {
	if since := now.Sub(a.at).Seconds(); since > 0 {
		a.left = min(a.burst, a.left+since*a.perSecond)
	}
	a.at = now
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}

// wait is how long until there is one message's worth again.
func (a *allowance) wait() time.Duration {
	return max(time.Millisecond, time.Duration((1-a.left)/a.perSecond*float64(time.Second)))
}

// refilled tells whether there is one message's worth at a time, without taking it.
func (a *allowance) refilled(now time.Time) bool {
	return a.left+max(0, now.Sub(a.at).Seconds())*a.perSecond >= 1
}
