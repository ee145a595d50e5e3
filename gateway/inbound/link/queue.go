package link

import (
	"context"
	"slices"
	"sync"

	"htgateway/gateway/inbound/intake"
)

// queueLength is how many frames may wait for the disk: more than an hour of the
// busiest channel.
const queueLength = 8192

// boundedQueue holds the frames of one line in order. When it is full a position gives way before a
// key or an emergency does.
type boundedQueue struct {
	mu     sync.Mutex
	frames []intake.Heard
	came   chan struct{}
}

func newBoundedQueue() *boundedQueue { return &boundedQueue{came: make(chan struct{}, 1)} }

// push adds a frame and returns how many were lost for it.
func (q *boundedQueue) push(h intake.Heard) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	lost := 0
	if len(q.frames) >= queueLength {
		i := max(0, slices.IndexFunc(q.frames, func(f intake.Heard) bool { return !urgent(f) }))
		q.frames = slices.Delete(q.frames, i, i+1)
		lost = 1
	}
	q.frames = append(q.frames, h)
	select {
	case q.came <- struct{}{}:
	default:
	}
	return lost
}

func urgent(h intake.Heard) bool {
	return h.Report.Emergency || h.Report.Status != "" || h.Report.StatusCode != ""
}

// pop waits for frames and returns up to n, or nil once ctx has ended and
// nobody waits.
func (q *boundedQueue) pop(ctx context.Context, n int) []intake.Heard {
	for {
		q.mu.Lock()
		if k := min(n, len(q.frames)); k > 0 {
			out := slices.Clone(q.frames[:k])
			q.frames = slices.Delete(q.frames, 0, k)
			q.mu.Unlock()
			return out
		}
		q.mu.Unlock()
		select {
		case <-q.came:
		case <-ctx.Done():
			q.mu.Lock()
			empty := len(q.frames) == 0
			q.mu.Unlock()
			if empty {
				return nil
			}
		}
	}
}
