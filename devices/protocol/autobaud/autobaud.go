package autobaud

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol"
)

// Speeds are the speeds, in bits per second, at which base stations, TNCs and
// receivers leave the factory, slowest first.
func Speeds() []int {
	var speeds []int
	for _, e := range protocol.Lines() {
		speeds = append(speeds, e.Bauds...)
	}
	slices.Sort(speeds)
	return slices.Compact(speeds)
}

// Protocols are those that a line may speak, in the order in which they are preferred:
// plain ones first, since the decoders of radios read their frames too.
func Protocols() []devices.Protocol {
	entries := protocol.Lines()
	slices.SortFunc(entries, func(a, b protocol.Entry) int {
		if a.Plain != b.Plain {
			if a.Plain {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return protocol.Names(entries)
}

// Candidates are the protocols that a line may speak, each with a fresh decoder.
func Candidates() []Candidate {
	var candidates []Candidate
	for _, name := range Protocols() {
		e, _ := protocol.Find(name) // it is one of the catalogue
		candidates = append(candidates, Candidate{Protocol: name, Decoder: e.Line()})
	}
	return candidates
}

// When a protocol is taken for found.
const (
	// enoughShare is the least part of the bytes that must be in good frames.
	enoughShare = 0.5
	// With clearFrames good frames and this share there is no need to hear more.
	clearFrames = 3
	clearShare  = 0.9
	// enoughBytes end a trial on a line that is never quiet.
	enoughBytes = 8 << 10
)

// Candidate is a protocol that the line may speak.
type Candidate struct {
	Protocol devices.Protocol
	Decoder  protocol.LineDecoder
}

// Score is what one decoder made of the bytes.
type Score struct {
	Protocol devices.Protocol
	// Good frames say something; Refused ones were cut but not readable. Frames
	// that are well formed and say nothing count in neither.
	Good, Refused int
	// GoodBytes are in good frames; NoiseBytes are in refused ones, or are the
	// zeros that a port delivers for characters whose framing was wrong.
	GoodBytes, NoiseBytes int
}

// Share is the part of the bytes that made sense, 0 to 1.
func (s Score) Share() float64 {
	if s.GoodBytes == 0 {
		return 0
	}
	return float64(s.GoodBytes) / float64(s.GoodBytes+s.NoiseBytes)
}

// Trial is one speed being listened at. It is not safe for concurrent use.
type Trial struct {
	baud     int
	listened []*listener
	bytes    int
}

type listener struct {
	Score
	decoder protocol.LineDecoder
}

// NewTrial starts listening at a speed, with fresh decoders. Of two that read
// the same bytes equally well the earlier is preferred.
func NewTrial(baud int, candidates ...Candidate) *Trial {
	t := &Trial{baud: baud}
	for _, c := range candidates {
		t.listened = append(t.listened, &listener{Score: Score{Protocol: c.Protocol}, decoder: c.Decoder})
	}
	return t
}

// Feed takes bytes as they came.
func (t *Trial) Feed(p []byte, at time.Time) {
	t.bytes += len(p)
	zeros := bytes.Count(p, []byte{0})
	for _, l := range t.listened {
		l.NoiseBytes += zeros // those that turn up in frames are taken off again
		l.weigh(l.decoder.Feed(p, at))
	}
}

// Flush ends an unfinished frame: the line has been quiet.
func (t *Trial) Flush(at time.Time) {
	for _, l := range t.listened {
		l.weigh(l.decoder.Flush(at))
	}
}

func (l *listener) weigh(frames []devices.Frame) {
	for _, f := range frames {
		l.NoiseBytes -= bytes.Count(f.Raw, []byte{0})
		switch {
		case f.Err != nil:
			l.Refused++
			l.NoiseBytes += len(f.Raw)
		case f.Report.Kind != devices.KindOther || f.Report.Device != "":
			l.Good++
			l.GoodBytes += len(f.Raw)
		}
	}
	l.NoiseBytes = max(l.NoiseBytes, 0) // a frame may be cut into two that overlap
}

// Bytes is how many bytes were heard.
func (t *Trial) Bytes() int { return t.bytes }

// Scores are what the decoders made of it, best first.
func (t *Trial) Scores() []Score {
	out := make([]Score, len(t.listened))
	for i, l := range t.listened {
		out[i] = l.Score
	}
	slices.SortStableFunc(out, func(a, b Score) int {
		return cmp.Or(cmp.Compare(b.Share(), a.Share()), cmp.Compare(b.Good, a.Good), cmp.Compare(a.NoiseBytes, b.NoiseBytes))
	})
	return out
}

// Clear tells that the speed and a protocol are certain, before the line is quiet.
func (t *Trial) Clear() (Score, bool) {
	s := t.best()
	return s, s.Good >= clearFrames && s.Share() >= clearShare
}

// Found tells whether a protocol reads most of what was heard. It is asked when
// the line is quiet, so that no frame is unfinished.
func (t *Trial) Found() (Score, bool) {
	s := t.best()
	return s, s.Good > 0 && s.Share() >= enoughShare
}

// Full tells that enough was heard to judge, quiet or not.
func (t *Trial) Full() bool { return t.bytes >= enoughBytes }

func (t *Trial) best() Score {
	if len(t.listened) == 0 {
		return Score{}
	}
	return t.Scores()[0]
}

// Finding says what was found with the figures that speak for it.
func (t *Trial) Finding() string {
	s := t.best()
	return fmt.Sprintf("%d baud, %s: %d good %s of %d, %d bytes of noise",
		t.baud, s.Protocol, s.Good, plural(s.Good, "frame"), s.Good+s.Refused, s.NoiseBytes)
}

// Failing says why the speed was given up: "at 4800: 87 % framing noise …".
func (t *Trial) Failing() string {
	if t.bytes == 0 {
		return fmt.Sprintf("at %d: nothing heard", t.baud)
	}
	s := t.best()
	noise := 100 * (1 - s.Share())
	if s.Good == 0 {
		names := make([]string, len(t.listened))
		for i, l := range t.listened {
			names[i] = string(l.Protocol)
		}
		return fmt.Sprintf("at %d: %.0f %% framing noise: %d %s, no good frame of %s",
			t.baud, noise, t.bytes, plural(t.bytes, "byte"), strings.Join(names, ", "))
	}
	return fmt.Sprintf("at %d: %.0f %% framing noise: %s best, %d good %s of %d",
		t.baud, noise, s.Protocol, s.Good, plural(s.Good, "frame"), s.Good+s.Refused)
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
