package link

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/kenwood"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/status"
)

// shelf is an intake that refuses a number of times before it takes.
type shelf struct {
	mu       sync.Mutex
	refusals int
	shed     int
	taken    chan intake.Heard
}

func (s *shelf) Take(_ context.Context, frames ...intake.Heard) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusals--; s.refusals >= 0 {
		return errors.New("disk full")
	}
	for _, f := range frames {
		s.taken <- f
	}
	return nil
}

func (s *shelf) Shed(_ string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shed += n
}

func (s *shelf) Ledger(string) status.Ledger { return status.Ledger{} }

func TestFramesWaitForTheDisk(t *testing.T) {
	t.Parallel()
	s := &shelf{refusals: 1, taken: make(chan intake.Heard, 10)}
	l := NewFramer("roof", kenwood.NewDecoder(), s, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	l.Bytes([]byte("\x02I1100100"), time.Now())
	l.Bytes([]byte("11001001\x03"), time.Now())
	select {
	case h := <-s.taken:
		if h.Report.Device != "fleetsync:100-1001" || h.Link != "roof" {
			t.Fatalf("%+v", h)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the frame was lost")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestHalfFramesAreNotJoinedAcrossSilence(t *testing.T) {
	t.Parallel()
	s := &shelf{taken: make(chan intake.Heard, 10)}
	l := NewFramer("roof", kenwood.NewDecoder(), s, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	l.Bytes([]byte("\x02I1100100"), time.Now())
	l.Quiet(time.Now())
	l.Bytes([]byte("11001001\x03"), time.Now())
	cancel()
	if err := l.Run(ctx); err != nil {
		t.Fatal(err)
	}
	for len(s.taken) > 0 {
		if h := <-s.taken; h.Err == nil {
			t.Fatalf("%+v", h)
		}
	}
}

func TestFullQueueGivesUpPositionsBeforeKeys(t *testing.T) {
	t.Parallel()
	queue := newBoundedQueue()
	key := intake.Heard{Frame: devices.Frame{Report: devices.Report{StatusCode: "13"}}}
	position := intake.Heard{Frame: devices.Frame{Report: devices.Report{Kind: devices.KindPosition}}}
	queue.push(key)
	lost := 0
	for range queueLength + 99 {
		lost += queue.push(position)
	}
	if lost != 100 {
		t.Fatalf("%d lost, want 100", lost)
	}
	if first := queue.pop(t.Context(), 1); first[0].Report.StatusCode != "13" {
		t.Fatal("the key was given up")
	}
}
