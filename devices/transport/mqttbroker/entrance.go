package mqttbroker

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net"
	"sync"
	"time"

	"htgateway/devices/account/password"
)

// Hashing a password takes 19 MiB and tens of milliseconds by intent. What follows
// keeps that from being a way to stop the gateway: few at a time, few failures from
// one address, and none for a password that was right before.
const (
	hashesAtOnce = 2
	// failuresAtOnce may come from one address, and one more every failureEvery.
	failuresAtOnce  = 10
	failureEvery    = 6 * time.Second
	addressesAtMost = 4096
	provenAtMost    = 20_000
)

// entrance checks passwords.
type entrance struct {
	hashing chan struct{}
	key     []byte

	mu       sync.Mutex
	proven   map[[sha256.Size]byte]struct{}
	failures map[string]*allowance // by address
}

func newEntrance() *entrance {
	e := &entrance{
		hashing: make(chan struct{}, hashesAtOnce), key: make([]byte, 32),
		proven: map[[sha256.Size]byte]struct{}{}, failures: map[string]*allowance{},
	}
	_, _ = rand.Read(e.key) // never fails: crypto/rand ends the process instead
	return e
}

// verify tells whether a password has a hash, and why not. A hash that is empty
// stands for a user who is not known, and costs as much.
//
// A pair that was right once is known again by its keyed digest, which is kept in
// memory only: after a restart of the site's network hundreds of phones come back
// at once, and they must not queue behind somebody who guesses.
func (e *entrance) verify(hash string, secret []byte, remote string, now time.Time) string {
	mac := hmac.New(sha256.New, e.key)
	mac.Write([]byte(hash))
	mac.Write([]byte{0})
	mac.Write(secret)
	seen := [sha256.Size]byte(mac.Sum(nil))
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	e.mu.Lock()
	_, proven := e.proven[seen]
	tooMany := e.failures[host] != nil && !e.failures[host].refilled(now)
	e.mu.Unlock()
	if proven && hash != "" {
		return ""
	}
	if tooMany {
		return "too many wrong passwords from this address"
	}
	e.hashing <- struct{}{}
	right := password.Verify(hash, secret)
	<-e.hashing
	e.mu.Lock()
	defer e.mu.Unlock()
	if right {
		if len(e.proven) >= provenAtMost {
			clear(e.proven)
		}
		e.proven[seen] = struct{}{}
		return ""
	}
	f := e.failures[host]
	if f == nil {
		if len(e.failures) >= addressesAtMost {
			clear(e.failures)
		}
		a := newAllowance(1/failureEvery.Seconds(), failuresAtOnce, now)
		f = &a
		e.failures[host] = f
	}
	f.take(now)
	return "unknown user or wrong password"
}
