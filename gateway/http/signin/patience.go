package signin

import (
	"sync"
	"time"
)

// How often somebody may guess: a few times freely, then ever more slowly. It is
// counted by address, and by name and address together: by name alone anybody could
// lock a colleague out.
const (
	freeGuesses = 5
	firstWait   = 2 * time.Second
	longestWait = 5 * time.Minute
	// forgetAfter is when an address or a name starts anew.
	forgetAfter = 30 * time.Minute
	// mostCounted bounds what is remembered; the oldest are forgotten first.
	mostCounted = 10_000
)

// patience counts failures by whatever they are counted by: an address, a name.
// Safe for concurrent use.
type patience struct {
	now func() time.Time

	mu      sync.Mutex
	strikes map[string]strike
}

type strike struct {
	count int
	last  time.Time
}

// wait is how long each of the keys has to wait before the next guess; the longest
// counts.
func (p *patience) wait(keys ...string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var longest time.Duration
	for _, key := range keys {
		s := p.strikes[key]
		if s.count < freeGuesses {
			continue
		}
		wait := min(firstWait<<min(s.count-freeGuesses, 10), longestWait)
		longest = max(longest, s.last.Add(wait).Sub(p.now()))
	}
	return longest
}

func (p *patience) failed(keys ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if len(p.strikes) >= mostCounted {
		p.forget(now)
	}
	for _, key := range keys {
		s := p.strikes[key]
		if now.Sub(s.last) > forgetAfter {
			s.count = 0
		}
		p.strikes[key] = strike{s.count + 1, now}
	}
}

func (p *patience) succeeded(keys ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range keys {
		delete(p.strikes, key)
	}
}

// forget drops what is old, and when that is not enough, what is oldest.
func (p *patience) forget(now time.Time) {
	for key, s := range p.strikes {
		if now.Sub(s.last) > forgetAfter {
			delete(p.strikes, key)
		}
	}
	for len(p.strikes) >= mostCounted {
		oldest, since := "", now
		for key, s := range p.strikes {
			if !s.last.After(since) {
				oldest, since = key, s.last
			}
		}
		delete(p.strikes, oldest)
	}
}
