package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"htgateway/devices/account/password"
)

// hashesAtOnce is how many passwords are hashed at once: each takes 19 MiB and tens of
// milliseconds by intent, and that must not be a way to stop the gateway.
const hashesAtOnce = 2

// Reasons why somebody is not let in.
var (
	// ErrRefused does not say which of the two is wrong.
	ErrRefused = errors.New("name or password is wrong")
	// ErrTooMany is wrapped by a [*TooManyError].
	ErrTooMany = errors.New("too many attempts")
)

// TooManyError refuses whoever guesses, without a look at the guess.
type TooManyError struct {
	// Wait is how long it is until the next attempt is looked at.
	Wait time.Duration
}

// Seconds is Wait in whole seconds, for Retry-After.
func (e *TooManyError) Seconds() int { return int(e.Wait.Seconds()) + 1 }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("%v: wait %d seconds", ErrTooMany, e.Seconds())
}

func (e *TooManyError) Unwrap() error { return ErrTooMany }

// Realm is where somebody wants in. A name in one realm is not the same in the other.
type Realm string

// The realms.
const (
	Page  Realm = "page"
	Field Realm = "field"
)

// Claim is who somebody says they are, and what they show for it.
type Claim struct {
	Realm Realm
	Name  string
	// Hash is the one of that user's password, empty when nobody has the name.
	Hash   string
	Secret []byte
	// From is the address from which it came, with or without a port.
	From string
}

// Verifier checks passwords and tokens, for everything that asks for them: few at a
// time, at once when it was right before, and ever more slowly for whoever guesses. It is
// safe for concurrent use.
type Verifier struct {
	now      func() time.Time
	hashing  chan struct{}
	flights  singleflight.Group // one hash for claims that are the same
	throttle *throttle
	proven   *proven
	duration latestDuration
}

// NewVerifier returns one that knows nobody yet.
func NewVerifier(now func() time.Time) *Verifier {
	return &Verifier{now: now, hashing: make(chan struct{}, hashesAtOnce), throttle: newThrottle(now), proven: newProven()}
}

// Verify returns nil when the secret has the hash. What was right before from the same
// address is so at once, whoever else guesses there. Errors: [ErrRefused],
// [*TooManyError], and ctx's.
func (v *Verifier) Verify(ctx context.Context, c Claim) error {
	host := hostOf(c.From)
	right := v.proven.key(string(c.Realm), c.Name, c.Hash, string(c.Secret))
	rightHere := v.proven.key(string(right[:]), host)
	if c.Hash != "" && v.proven.has(rightHere) {
		return nil
	}
	// The hash goes on when its first asker is gone: others may wait for it.
	answer := v.flights.DoChan(string(rightHere[:]), func() (any, error) {
		return nil, v.attempt(context.WithoutCancel(ctx), c, host, right, rightHere)
	})
	select {
	case a := <-answer:
		return a.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt looks at a claim, and counts it when it is wrong.
func (v *Verifier) attempt(ctx context.Context, c Claim, host string, right, rightHere digest) error {
	pair := pairOf(c, host)
	suspect, wait := v.throttle.begin(host, pair)
	if wait > 0 {
		return &TooManyError{wait}
	}
	switch {
	case c.Hash != "" && v.proven.has(right):
	case c.Hash == "" && suspect:
		// Whoever goes through names has none of them hashed for long, and cannot tell.
		v.duration.sleep(ctx)
		v.throttle.failed(host)
		return ErrRefused
	case !v.hash(c):
		v.throttle.failed(host)
		return ErrRefused
	}
	v.throttle.succeeded(pair)
	v.proven.add(right)
	v.proven.add(rightHere)
	return nil
}

// hash hashes the secret. A name that nobody has costs as much as another.
func (v *Verifier) hash(c Claim) bool {
	began := time.Now()
	v.hashing <- struct{}{}
	defer func() { <-v.hashing; v.duration.set(time.Since(began)) }()
	return password.Verify(c.Hash, c.Secret) && c.Hash != ""
}

// VerifyToken is Verify for a secret that needs no hashing, since it is a long random
// one: right tells whether it is that of c.Name. Errors: [ErrRefused] and [*TooManyError].
func (v *Verifier) VerifyToken(c Claim, right bool) error {
	host := hostOf(c.From)
	here := v.proven.key("token", string(c.Realm), c.Name, string(c.Secret), host)
	if right && v.proven.has(here) {
		return nil
	}
	pair := pairOf(c, host)
	if _, wait := v.throttle.begin(host, pair); wait > 0 {
		return &TooManyError{wait}
	}
	if !right {
		v.throttle.failed(host)
		return ErrRefused
	}
	v.throttle.succeeded(pair)
	v.proven.add(here)
	return nil
}

// pairOf names an account at an address. It is bounded, whatever the name.
func pairOf(c Claim, host string) string {
	const longest = 128 // longer ones are nobody's
	return string(c.Realm) + " " + c.Name[:min(len(c.Name), longest)] + " from " + host
}

// latestDuration is how long the newest hash took, with the wait for it.
type latestDuration struct {
	mu    sync.Mutex
	value time.Duration
}

func (d *latestDuration) set(value time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.value = value
}

func (d *latestDuration) sleep(ctx context.Context) {
	d.mu.Lock()
	t := time.NewTimer(d.value)
	d.mu.Unlock()
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// provenAtMost bounds what is remembered as right; beyond it all is proven anew.
const provenAtMost = 20_000

type digest = [sha256.Size]byte

// proven remembers what was right, by a keyed digest in memory only: after a restart of
// the site's network hundreds of phones come back at once.
type proven struct {
	secret []byte

	mu   sync.Mutex
	seen map[digest]struct{}
}

func newProven() *proven {
	p := &proven{secret: make([]byte, sha256.Size), seen: map[digest]struct{}{}}
	_, _ = rand.Read(p.secret) // never fails: crypto/rand ends the process instead
	return p
}

// key is the digest of some words. Each goes in with its length, so that no two lists of
// words are the same bytes.
func (p *proven) key(words ...string) digest {
	mac := hmac.New(sha256.New, p.secret)
	for _, w := range words {
		fmt.Fprintf(mac, "%d:%s", len(w), w)
	}
	return digest(mac.Sum(nil))
}

func (p *proven) has(k digest) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, has := p.seen[k]
	return has
}

func (p *proven) add(k digest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.seen) >= provenAtMost {
		clear(p.seen)
	}
	p.seen[k] = struct{}{}
}
