package desk

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"htgateway/gateway/incident"
)

// locks let one act at a time be checked and journaled about each subject: an
// incident, a unit, an alert. What is not being acted on costs nothing.
type locks struct {
	mu   sync.Mutex
	held map[string]*subjectLock
}

// subjectLock is the lock of one subject, and how many hold it or wait for it.
type subjectLock struct {
	free  chan struct{} // holds one token while nobody acts
	users int
}

// take locks subjects, in an order that lets no two wait for each other, and returns
// what frees them.
func (l *locks) take(ctx context.Context, subjects ...string) (free func(), err error) {
	subjects = slices.Compact(slices.Sorted(slices.Values(subjects)))
	taken := 0
	free = func() {
		for _, s := range subjects[:taken] {
			l.leave(s, true)
		}
	}
	for _, s := range subjects {
		one := l.enter(s)
		select {
		case <-one.free:
			taken++
		case <-ctx.Done():
			l.leave(s, false)
			free()
			return nil, fmt.Errorf("%w: another act on it is not finished: %w", incident.ErrNotStored, ctx.Err())
		}
	}
	return free, nil
}

func (l *locks) enter(subject string) *subjectLock {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[string]*subjectLock{}
	}
	one := l.held[subject]
	if one == nil {
		one = &subjectLock{free: make(chan struct{}, 1)}
		one.free <- struct{}{}
		l.held[subject] = one
	}
	one.users++
	return one
}

func (l *locks) leave(subject string, had bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.held[subject]
	if had {
		one.free <- struct{}{}
	}
	if one.users--; one.users == 0 {
		delete(l.held, subject)
	}
}
