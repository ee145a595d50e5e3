package link

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol"
	"htgateway/gateway/inbound/intake"
)

// Intake takes frames and returns once they are on disk.
type Intake interface {
	Take(ctx context.Context, frames ...intake.Heard) error
	Shed(link string, n int)
}

// NewDecoder returns a decoder for a protocol, nil for one that lines do not carry.
func NewDecoder(p devices.Protocol) protocol.LineDecoder {
	if e, known := protocol.Find(p); known && e.Line != nil {
		return e.Line()
	}
	return nil
}

// Serial takes what a serial port delivers, decodes it and hands it to intake in
// batches. A radio cannot be asked to send again, so frames wait while the disk
// has trouble, and the room for that is bounded.
type Serial struct {
	id      string
	decoder protocol.LineDecoder
	intake  Intake
	log     *slog.Logger
	room    *waitingRoom
	watch   func(devices.Frame)

	mu   sync.Mutex
	read legibility
}

// NewSerial returns the taker of one port's bytes.
func NewSerial(id string, d protocol.LineDecoder, in Intake, log *slog.Logger) *Serial {
	return &Serial{id: id, decoder: d, intake: in, log: log, room: newWaitingRoom()}
}

// Watch has every frame shown to look before it goes to intake. It must be called
// before the first bytes come.
func (s *Serial) Watch(look func(devices.Frame)) { s.watch = look }

// Bytes takes bytes as they came.
func (s *Serial) Bytes(p []byte, at time.Time) { s.hold(s.decoder.Feed(p, at)) }

// Illegible says why nothing that the radio says can be read, empty when something
// can. baud is the speed that the port is set to, 0 for the default.
func (s *Serial) Illegible(baud int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read.why(baud)
}

// Quiet ends a half frame.
func (s *Serial) Quiet(at time.Time) { s.hold(s.decoder.Flush(at)) }

func (s *Serial) hold(frames []devices.Frame) {
	s.mu.Lock()
	for _, f := range frames {
		s.read.note(f)
	}
	s.mu.Unlock()
	for _, f := range frames {
		if s.watch != nil {
			s.watch(f)
		}
		if lost := s.room.enter(intake.Heard{Frame: f, Link: s.id}); lost > 0 {
			s.intake.Shed(s.id, lost)
			s.log.Error("frame lost: the disk takes none and the waiting room is full", "link", s.id)
		}
	}
}

// batch is how many frames are journaled together; retryAfter is the pause after
// the journal would not take them.
const (
	batch      = 64
	retryAfter = 500 * time.Millisecond
	lastTry    = 2 * time.Second
)

// Run hands frames to intake until ctx ends, and then those that still wait.
func (s *Serial) Run(ctx context.Context) error {
	for {
		frames := s.room.leave(ctx, batch)
		if frames == nil {
			return nil
		}
		s.take(ctx, frames)
	}
}

// take offers frames until they are on disk. After ctx has ended they get one
// more try, with a deadline.
func (s *Serial) take(ctx context.Context, frames []intake.Heard) {
	for {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTry)
		err := s.intake.Take(try, frames...)
		cancel()
		if err == nil {
			return
		}
		s.log.Error("frames wait for the disk", "link", s.id, "frames", len(frames), "reason", err)
		if ctx.Err() != nil {
			s.intake.Shed(s.id, len(frames))
			return
		}
		t := time.NewTimer(retryAfter)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
}
