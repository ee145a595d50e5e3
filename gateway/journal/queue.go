package journal

import (
	"context"
	"sync"
)

// Outcome is what the writing goroutine of a journal answers.
type Outcome struct {
	Results []Result
	Err     error
}

// Queue leads to a journal's one writing goroutine.
type Queue[R any] struct {
	// Requests are those that wait.
	Requests chan R
	// Stop is closed when nothing more is taken, and Done once the goroutine has ended.
	Stop, Done chan struct{}
	stop       *sync.Once
}

// NewQueue has room for some requests before those who ask wait.
func NewQueue[R any]() Queue[R] {
	return Queue[R]{Requests: make(chan R, 1024), Stop: make(chan struct{}), Done: make(chan struct{}), stop: new(sync.Once)}
}

// Close takes nothing more and returns once the goroutine has ended.
func (q Queue[R]) Close() {
	q.stop.Do(func() { close(q.Stop) })
	<-q.Done
}

// Drain gives the goroutine, which was stopped, what waits still.
func (q Queue[R]) Drain(take func(R)) {
	for {
		select {
		case r := <-q.Requests:
			take(r)
		default:
			return
		}
	}
}

// Ask puts a request into the queue and waits for its outcome. When ctx ends first it
// may still be done, but nothing may be acknowledged. Errors: [ErrClosed], and that of
// ctx.
func (q Queue[R]) Ask(ctx context.Context, r R, outcome <-chan Outcome) ([]Result, error) {
	select {
	case <-q.Stop:
		return nil, ErrClosed
	default:
	}
	select {
	case q.Requests <- r:
	case <-q.Stop:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case o := <-outcome:
		return o.Results, o.Err
	case <-q.Done:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
