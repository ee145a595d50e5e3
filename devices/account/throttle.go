package account

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one account may be guessed at from one address: a few times freely, then
// ever more slowly. By name alone anybody could lock a colleague out, and by address
// alone everybody behind the same router.
const (
	freeGuesses = 5
	firstWait   = 2 * time.Second
	longestWait = 5 * time.Minute
	// forgetAfter is when an account at an address starts anew.
	forgetAfter = 30 * time.Minute
	// pairsAtMost bounds what is remembered.
	pairsAtMost = 10_000
)

// From an address with more failures than this, whatever the names, unknown names are
// not hashed any more.
const (
	failuresAtOnce  = 10
	failureEvery    = 6 * time.Second
	addressesAtMost = 4096
)

// throttle counts failures. It is safe for concurrent use.
type throttle struct {
	now func() time.Time

	mu        sync.Mutex
	pairs     map[string]failures // by account and address
	addresses map[string]*rate.Limiter
}

type failures struct {
	count int
	last  time.Time
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, pairs: map[string]failures{}, addresses: map[string]*rate.Limiter{}}
}

// begin counts an attempt as if it failed, so that many at once are no way around it. It
// returns how long to wait instead, 0 for an attempt that may go on, and whether there
// were many failures from the address.
func (t *throttle) begin(host, pair string) (suspect bool, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	f := t.pairs[pair]
	if now.Sub(f.last) > forgetAfter {
		f.count = 0
	}
	if f.count >= freeGuesses {
		pause := min(firstWait<<min(f.count-freeGuesses, 10), longestWait)
		if wait := f.last.Add(pause).Sub(now); wait > 0 {
			return false, wait
		}
	}
	if _, known := t.pairs[pair]; !known && len(t.pairs) >= pairsAtMost {
		t.forget(now)
	}
	t.pairs[pair] = failures{f.count + 1, now}
	l := t.addresses[host]
	return l != nil && l.TokensAt(now) < 1, 0
}

// succeeded forgets an account's failures at an address.
func (t *throttle) succeeded(pair string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.pairs, pair)
}

// failed counts a failure from an address.
func (t *throttle) failed(host string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	l := t.addresses[host]
	if l == nil {
		if len(t.addresses) >= addressesAtMost {
			clear(t.addresses)
		}
		l = rate.NewLimiter(rate.Every(failureEvery), failuresAtOnce)
		t.addresses[host] = l
	}
	l.AllowN(now, 1)
}

// forget makes room: what is old goes, then what was not guessed at often, so that
// nobody gets rid of their failures by going through names.
func (t *throttle) forget(now time.Time) {
	for pair, f := range t.pairs {
		if now.Sub(f.last) > forgetAfter || f.count < freeGuesses {
			delete(t.pairs, pair)
		}
	}
	if len(t.pairs) >= pairsAtMost {
		clear(t.pairs)
	}
}

// hostOf is where an address with or without a port is: of IPv6 its network, since one
// subscriber has a whole one (RFC 6177).
func hostOf(from string) string {
	host, _, err := net.SplitHostPort(from)
	if err != nil {
		host = from
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		if network, err := ip.Prefix(64); err == nil {
			return network.String()
		}
	}
	return ip.String()
}
