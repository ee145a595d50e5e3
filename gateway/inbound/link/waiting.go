package link

import (
	"context"
	"slices"
	"sync"

	"htgateway/gateway/inbound/intake"
)

// roomFor is how many frames may wait for the disk: more than an hour of the
// busiest channel.
const roomFor = 8192

// waitingRoom is a bounded queue. When it is full a position gives way before a
// key or an emergency does.
type waitingRoom struct {
	mu     sync.Mutex
	frames []intake.Heard
	came   chan struct{}
}

func newWaitingRoom() *waitingRoom { return &waitingRoom{came: make(chan struct{}, 1)} }

// enter adds a frame and returns how many were lost for it.
func (w *waitingRoom) enter(h intake.Heard) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost := 0
	if len(w.frames) >= roomFor {
		i := max(0, slices.IndexFunc(w.frames, func(f intake.Heard) bool { return !urgent(f) }))
		w.frames = slices.Delete(w.frames, i, i+1)
		lost = 1
	}
	w.frames = append(w.frames, h)
	select {
	case w.came <- struct{}{}:
	default:
	}
	return lost
}

func urgent(h intake.Heard) bool {
	return h.Report.Emergency || h.Report.Status != "" || h.Report.StatusCode != ""
}

// leave waits for frames and returns up to n, or nil once ctx has ended and
// nobody waits.
func (w *waitingRoom) leave(ctx context.Context, n int) []intake.Heard {
	for {
		w.mu.Lock()
		if k := min(n, len(w.frames)); k > 0 {
			out := slices.Clone(w.frames[:k])
			w.frames = slices.Delete(w.frames, 0, k)
			w.mu.Unlock()
			return out
		}
		w.mu.Unlock()
		select {
		case <-w.came:
		case <-ctx.Done():
			w.mu.Lock()
			empty := len(w.frames) == 0
			w.mu.Unlock()
			if empty {
				return nil
			}
		}
	}
}
