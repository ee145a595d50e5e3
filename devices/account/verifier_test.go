package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"htgateway/devices/account/password"
)

const secret = "rahasia"

// hashOfSecret is made once: it takes its time.
var hashOfSecret = sync.OnceValue(func() string { return password.Hash([]byte(secret)) })

// bench is a verifier with a clock that a test moves.
type bench struct {
	*Verifier
	now time.Time
}

func newBench() *bench {
	b := &bench{now: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)}
	b.Verifier = NewVerifier(func() time.Time { return b.now })
	return b
}

// try is an attempt on the field's account name, which exists when it is no stranger's.
func (b *bench) try(name, given, from string) error {
	hash := hashOfSecret()
	if strings.HasPrefix(name, "stranger") {
		hash = ""
	}
	return b.Verify(context.Background(), Claim{Realm: Field, Name: name, Hash: hash, Secret: []byte(given), From: from})
}

const (
	street = "10.0.0.66:4711" // many share its router
	home   = "10.0.0.7:4711"
)

func TestAGuesserLocksOutHimselfOnly(t *testing.T) {
	t.Parallel()
	b := newBench()
	if err := b.try("andi", secret, street); err != nil {
		t.Fatal(err)
	}
	for i := range freeGuesses {
		for _, name := range []string{"andi", "budi", "stranger"} {
			if err := b.try(name, fmt.Sprint("guess", i), street); !errors.Is(err, ErrRefused) {
				t.Fatalf("guess %d at %s: %v", i, name, err)
			}
		}
	}
	var slow *TooManyError
	for _, name := range []string{"andi", "budi", "stranger"} { // an unknown name looks like another
		if err := b.try(name, "guess", "10.0.0.66:9"); !errors.As(err, &slow) || slow.Wait != firstWait {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.try("budi", secret, street); !errors.Is(err, ErrTooMany) {
		t.Errorf("the right password at last: %v", err)
	}
	for name, from := range map[string]string{"andi": street, "citra": street, "budi": home} {
		began := time.Now()
		if err := b.try(name, secret, from); err != nil {
			t.Errorf("%s at %s, who has the right password: %v", name, from, err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s waited for %v", name, took)
		}
	}
	// Where it was right elsewhere, a guesser still may not go on.
	if err := b.try("budi", secret, street); !errors.Is(err, ErrTooMany) {
		t.Errorf("right elsewhere: %v", err)
	}
	b.now = b.now.Add(firstWait)
	if err := b.try("budi", "guess", street); !errors.Is(err, ErrRefused) {
		t.Errorf("after the wait: %v", err)
	}
	if err := b.try("budi", secret, street); !errors.As(err, &slow) || slow.Wait != 2*firstWait {
		t.Errorf("the wait does not grow: %v", err)
	}
	b.now = b.now.Add(forgetAfter + time.Second)
	if err := b.try("budi", secret, street); err != nil {
		t.Errorf("never forgotten: %v", err)
	}
	b.now = b.now.Add(time.Second)
	other := Claim{Realm: Page, Name: "andi", Hash: hashOfSecret(), Secret: []byte(secret), From: street}
	if err := b.Verify(context.Background(), other); err != nil {
		t.Errorf("guessed at in another realm: %v", err)
	}
}

// TestManyAtOnceAreNoWayRound: what is counted is begun, not ended.
func TestManyAtOnceAreNoWayRound(t *testing.T) {
	t.Parallel()
	b := newBench()
	var refused, slow int
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			err := b.try("andi", fmt.Sprint("guess", i), street)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, ErrTooMany):
				slow++
			case errors.Is(err, ErrRefused):
				refused++
			}
		})
	}
	all.Wait()
	if refused != freeGuesses || slow != 40-freeGuesses {
		t.Errorf("%d refused, %d slowed", refused, slow)
	}
	// The same right password many times at once is one attempt: a device's connections
	// come back together.
	for range 40 {
		all.Go(func() {
			if err := b.try("budi", secret, street); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestUnknownNamesCostTheSameAndNoMoreHashesForLong(t *testing.T) {
	b := newBench() // not beside other tests: it is about time
	took := func(name string) time.Duration {
		began := time.Now()
		if err := b.try(name, "guess", street); !errors.Is(err, ErrRefused) {
			t.Fatal(name, err)
		}
		return time.Since(began)
	}
	known := min(took("andi"), took("andi"), took("budi"))
	for i := range 30 { // beyond failuresAtOnce none is hashed
		if unknown := took(fmt.Sprint("stranger", i)); unknown < known/4 {
			t.Errorf("stranger %d is known by the time: %v, not %v", i, unknown, known)
		}
	}
	if err := b.try("citra", secret, street); err != nil {
		t.Errorf("the right password among them: %v", err)
	}
}

func TestAnotherPasswordIsProvenAnew(t *testing.T) {
	t.Parallel()
	b := newBench()
	if err := b.try("andi", secret, home); err != nil {
		t.Fatal(err)
	}
	c := Claim{Realm: Field, Name: "andi", Hash: password.Hash([]byte("another")), Secret: []byte(secret), From: home}
	if err := b.Verify(context.Background(), c); !errors.Is(err, ErrRefused) {
		t.Errorf("the old password: %v", err)
	}
	c.Hash = "" // the user is gone
	if err := b.Verify(context.Background(), c); !errors.Is(err, ErrRefused) {
		t.Errorf("a user who is gone: %v", err)
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	c.Hash, c.Name = hashOfSecret(), "late"
	if err := b.Verify(gone, c); !errors.Is(err, context.Canceled) && err != nil {
		t.Error(err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	b := newBench()
	try := func(name, token string, right bool, from string) error {
		return b.VerifyToken(Claim{Realm: Field, Name: name, Secret: []byte(token), From: from}, right)
	}
	if err := try("field:a", "right", true, street); err != nil {
		t.Fatal(err)
	}
	for i := range freeGuesses {
		if err := try("field:a", fmt.Sprint(i), false, street); !errors.Is(err, ErrRefused) {
			t.Fatal(err)
		}
	}
	if err := try("field:a", "x", false, street); !errors.Is(err, ErrTooMany) {
		t.Error(err)
	}
	if err := errors.Join(try("field:a", "right", true, street), try("field:b", "right", true, street), try("field:a", "right", true, home)); err != nil {
		t.Error(err)
	}
	if err := try("field:a", "right", false, street); !errors.Is(err, ErrTooMany) {
		t.Errorf("a token that was taken away: %v", err)
	}
}

// TestWhatIsRememberedIsBounded: whoever goes through names neither fills the memory nor
// gets rid of what is counted.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	th := newThrottle(func() time.Time { return now })
	for range freeGuesses {
		th.begin("h", "target")
	}
	for i := range 3 * pairsAtMost {
		th.begin("h", fmt.Sprint(i))
		th.failed(fmt.Sprint("host", i))
	}
	if len(th.pairs) > pairsAtMost || len(th.addresses) > addressesAtMost {
		t.Errorf("%d pairs, %d addresses", len(th.pairs), len(th.addresses))
	}
	if _, wait := th.begin("h", "target"); wait == 0 {
		t.Error("forgotten among the others")
	}
	p := newProven()
	for i := range provenAtMost + 10 {
		p.add(p.key(fmt.Sprint(i)))
	}
	if len(p.seen) > provenAtMost {
		t.Errorf("%d proven", len(p.seen))
	}
	if p.key("a", "bc") == p.key("ab", "c") {
		t.Error("words run into each other")
	}
}

func TestHostOf(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"10.0.0.7:80": "10.0.0.7", "10.0.0.7": "10.0.0.7", "[2001:db8:1:2:3::4]:80": "2001:db8:1:2::/64", "2001:db8:1:2:ffff::1": "2001:db8:1:2::/64",
		"[::ffff:10.0.0.7]:80": "10.0.0.7", "[fe80::1%eth0]:80": "fe80::/64", "pipe": "pipe",
	} {
		if got := hostOf(from); got != want {
			t.Errorf("%s is %s, not %s", from, got, want)
		}
	}
}
