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

// Framer takes the bytes that a line delivers, cuts them into frames and hands it to intake in
// batches. A radio cannot be asked to send again, so frames wait while the disk
// has trouble, and the room for that is bounded.
type Framer struct {
	id      string
	decoder protocol.LineDecoder
	intake  Intake
	log     *slog.Logger
	queue   *boundedQueue
	watch   func(devices.Frame)

	mu      sync.Mutex
	garbage garbage
}

// NewFramer returns the framer of one line.
func NewFramer(id string, d protocol.LineDecoder, in Intake, log *slog.Logger) *Framer {
	return &Framer{id: id, decoder: d, intake: in, log: log, queue: newBoundedQueue()}
}

// Watch has every frame shown to look before it goes to intake. It must be called
// before the first bytes come.
func (f *Framer) Watch(look func(devices.Frame)) { f.watch = look }

// Bytes takes bytes as they came.
func (f *Framer) Bytes(p []byte, at time.Time) { f.hold(f.decoder.Feed(p, at)) }

// Hint says what is probably wrong while nothing that the radio says can be read, empty
// when something can. baud is the speed that the port is set to, 0 for the default.
func (f *Framer) Hint(baud int) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.garbage.hint(baud)
}

// Quiet ends a half frame.
func (f *Framer) Quiet(at time.Time) { f.hold(f.decoder.Flush(at)) }

func (f *Framer) hold(frames []devices.Frame) {
	f.mu.Lock()
	for _, frame := range frames {
		f.garbage.note(frame)
	}
	f.mu.Unlock()
	for _, frame := range frames {
		if f.watch != nil {
			f.watch(frame)
		}
		if lost := f.queue.push(intake.Heard{Frame: frame, Link: f.id}); lost > 0 {
			f.intake.Shed(f.id, lost)
			f.log.Error("frame lost: the disk takes none and the queue is full", "link", f.id)
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
func (f *Framer) Run(ctx context.Context) error {
	for {
		frames := f.queue.pop(ctx, batch)
		if frames == nil {
			return nil
		}
		f.take(ctx, frames)
	}
}

// take offers frames until they are on disk. After ctx has ended they get one
// more try, with a deadline.
func (f *Framer) take(ctx context.Context, frames []intake.Heard) {
	for {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTry)
		err := f.intake.Take(try, frames...)
		cancel()
		if err == nil {
			return
		}
		f.log.Error("frames wait for the disk", "link", f.id, "frames", len(frames), "reason", err)
		if ctx.Err() != nil {
			f.intake.Shed(f.id, len(frames))
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
