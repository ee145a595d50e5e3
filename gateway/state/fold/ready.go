package fold

import "htgateway/gateway/status"

// CaughtUp tells whether everything is folded that the journal held when the fold began.
func (f *Fold) CaughtUp() bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.begun && f.published >= f.catchUpTo
}

// Status says whether the gateway is ready as far as the fold is concerned; it is no line of
// its own.
func (f *Fold) Status() []status.Status {
	if f.CaughtUp() {
		return []status.Status{{}}
	}
	return []status.Status{{NotReady: "still reading the journal"}}
}
