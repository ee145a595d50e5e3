package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"htgateway/devices/protocol"
	"htgateway/devices/transport/capture"
)

// lineQuiet is the silence after which a port ends a half frame.
const lineQuiet = 500 * time.Millisecond

// stuckAfter is how long the gateway may take for one more frame.
const stuckAfter = 15 * time.Second

// fed counts what was written to the gateway's port.
type fed struct {
	bytes  int
	frames uint64 // that a decoder cuts from them, refused ones included
	lasted time.Duration
}

// feeder writes a capture to the gateway's port. A decoder of its own tells it
// how many frames the gateway must have had. The clock stands while the gateway
// takes them, so that every report is dated as it was recorded, and so that the
// gateway has the time to hear a silence that ended a half frame.
type feeder struct {
	line    *replayLine
	clock   *replayClock
	decoder protocol.LineDecoder
	gauge   gauge
	fed     fed
}

// run writes all chunks and returns when the gateway has taken them.
func (f *feeder) run(ctx context.Context, recorded *capture.Reader) error {
	go f.line.drain()
	if err := f.gauge.await(ctx, func(l linkState) bool { return l.State == "up" }); err != nil {
		return err
	}
	started := recorded.Header().Started
	for {
		c, err := recorded.Next()
		if errors.Is(err, io.EOF) {
			return f.silence(ctx, started)
		}
		if err != nil { // what came before it is good
			return errors.Join(fmt.Errorf("%w: %w", errData, err), f.silence(ctx, started))
		}
		if c.After-f.fed.lasted >= lineQuiet {
			if err := f.silence(ctx, started); err != nil {
				return err
			}
		}
		if err := f.chunk(ctx, c, started.Add(c.After)); err != nil {
			return err
		}
	}
}

// chunk writes bytes at their time.
func (f *feeder) chunk(ctx context.Context, c capture.Chunk, at time.Time) error {
	if err := f.clock.reach(ctx, at); err != nil {
		return err
	}
	if err := f.line.write(ctx, c.Bytes); err != nil {
		return err
	}
	f.fed.bytes += len(c.Bytes)
	f.fed.lasted = c.After
	return f.taken(ctx, len(f.decoder.Feed(c.Bytes, at)))
}

// silence waits until the gateway has heard a silence after the last bytes, where
// that ends a half frame: half a second of real time, whatever the speed.
func (f *feeder) silence(ctx context.Context, started time.Time) error {
	at := started.Add(f.fed.lasted + lineQuiet)
	ended := len(f.decoder.Flush(at))
	if ended == 0 {
		return nil
	}
	if err := f.clock.reach(ctx, at); err != nil {
		return err
	}
	return f.taken(ctx, ended)
}

// taken waits until the gateway has journalled the frames that are now complete.
func (f *feeder) taken(ctx context.Context, frames int) error {
	if frames == 0 {
		return nil
	}
	f.fed.frames += uint64(frames)
	err := f.gauge.await(ctx, func(l linkState) bool {
		return l.Frames >= f.fed.frames && l.Reports+l.Duplicates+l.Errors+l.Shed >= f.fed.frames
	})
	if err != nil {
		return fmt.Errorf("%d frames were fed: %w", f.fed.frames, err)
	}
	return nil
}

// linkState is what the feeder reads of its link.
type linkState struct {
	ID, State, Why                            string
	Frames, Reports, Duplicates, Errors, Shed uint64
}

// gauge reads over the API how far the gateway is.
type gauge struct{ links, token string }

// await asks until the link fits. It gives up when nothing moves any more.
func (g *gauge) await(ctx context.Context, fits func(linkState) bool) error {
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	var last linkState
	moved := time.Now()
	for {
		l, err := g.read(ctx)
		if err != nil {
			return err
		}
		if fits(l) {
			return nil
		}
		if l != last {
			last, moved = l, time.Now()
		}
		if time.Since(moved) > stuckAfter {
			return fmt.Errorf("the gateway has taken nothing for %v: %+v", stuckAfter, l)
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *gauge) read(ctx context.Context) (linkState, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.links, nil)
	if err != nil {
		return linkState{}, fmt.Errorf("cannot ask the gateway: %w", err)
	}
	if g.token != "" {
		req.Header.Set("Authorization", "Bearer "+g.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return linkState{}, fmt.Errorf("cannot ask the gateway: %w", err)
	}
	defer resp.Body.Close()
	var answer struct{ Links []linkState }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK {
		return linkState{}, fmt.Errorf("the gateway does not tell its links: %s: %w", resp.Status, err)
	}
	for _, l := range answer.Links {
		if l.ID == replayedLink {
			return l, nil
		}
	}
	return linkState{}, fmt.Errorf("the gateway has no link %q", replayedLink)
}

// replayLine is a serial line without a radio.
type replayLine struct {
	device      string
	radio, port *os.File
}

func newReplayLine() (*replayLine, error) {
	radio, port, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("cannot open a pty for the recording: %w", err)
	}
	l := &replayLine{device: port.Name(), radio: radio, port: port}
	if _, err := term.MakeRaw(int(port.Fd())); err != nil {
		l.close()
		return nil, fmt.Errorf("cannot set %s raw: %w", port.Name(), err)
	}
	return l, nil
}

func (l *replayLine) close() { _, _ = l.radio.Close(), l.port.Close() }

// drain swallows what the gateway sends, so that its writes never block, until
// the line is closed.
func (l *replayLine) drain() { _, _ = io.Copy(io.Discard, l.radio) }

// write gives up when ctx ends: a pty that nobody reads blocks for ever.
func (l *replayLine) write(ctx context.Context, p []byte) error {
	done := make(chan error, 1)
	go func() {
		_, err := l.radio.Write(p)
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("cannot write to the pty: %w", err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// replayClock shows the recorded time. It runs only while it is on its way to the
// next time that matters, and stands there. It is safe for concurrent use.
type replayClock struct {
	speed float64 // 0: it leaps

	mu    sync.Mutex
	at    time.Time // where it stood last
	stood time.Time // real time since when
	until time.Time // where it runs to, zero while it stands
}

// newReplayClock returns a clock that stands at a time.
func newReplayClock(at time.Time, speed float64) *replayClock {
	return &replayClock{speed: speed, at: at.UTC()}
}

// Now is the recorded time.
func (c *replayClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.until.IsZero() {
		return c.at
	}
	now := c.at.Add(time.Duration(float64(time.Since(c.stood)) * c.speed))
	if now.After(c.until) {
		return c.until
	}
	return now
}

// reach returns once the clock shows a time, at which it then stands. What it stood
// before is made up for, so that the pace is kept.
func (c *replayClock) reach(ctx context.Context, at time.Time) error {
	at = at.UTC()
	c.mu.Lock()
	if c.stood.IsZero() {
		c.stood = time.Now()
	}
	c.until = at
	var left time.Duration
	if c.speed > 0 {
		left = time.Duration(float64(at.Sub(c.at))/c.speed) - time.Since(c.stood)
	}
	c.mu.Unlock()
	if left > 0 {
		t := time.NewTimer(left)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			at = c.Now()
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.stood, c.until = at, time.Now(), time.Time{}
	return ctx.Err()
}
