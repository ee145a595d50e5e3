package journal

import "context"

// Answer waits until offered records are on disk, or not, and tells. It is called once.
type Answer func(ctx context.Context) ([]Result, error)

// Refused is the answer to an offer that failed at once.
func Refused(err error) Answer {
	return func(context.Context) ([]Result, error) { return nil, err }
}

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
}

// NewQueue has room for some requests before those who ask wait.
func NewQueue[R any]() Queue[R] {
	return Queue[R]{Requests: make(chan R, 1024), Stop: make(chan struct{}), Done: make(chan struct{})}
}

// Ask puts a request into the queue, in the order of the calls, and returns where its
// answer is to be had. When ctx ends first it may still be done, but nothing may be
// acknowledged. Errors: [ErrClosed], and that of ctx.
func (q Queue[R]) Ask(ctx context.Context, r R, outcome <-chan Outcome) Answer {
	select {
	case <-q.Stop:
		return Refused(ErrClosed)
	default:
	}
	select {
	case q.Requests <- r:
	case <-q.Stop:
		return Refused(ErrClosed)
	case <-ctx.Done():
		return Refused(ctx.Err())
	}
	return func(ctx context.Context) ([]Result, error) {
		select {
		case o := <-outcome:
			return o.Results, o.Err
		case <-q.Done:
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
