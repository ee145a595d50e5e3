package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/fatih/color"
	"golang.org/x/term"

	"htgateway/devices"
	"htgateway/devices/protocol/aprs"
	"htgateway/devices/protocol/kenwood"
	"htgateway/devices/protocol/kiss"
	"htgateway/devices/protocol/nmea"
	"htgateway/devices/protocol/tetra"
)

// shownNoise is how many bytes of one piece of noise are shown.
const shownNoise = 64

// wantsColour reads the --color flag.
func wantsColour(flag string, out io.Writer) (bool, error) {
	switch flag {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		f, is := out.(*os.File)
		return is && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", nil
	}
	return false, fmt.Errorf("--color is %q, not auto, always or never", flag)
}

// screen shows what is heard, one line a frame, in local time.
type screen struct {
	out                                         io.Writer
	dim, name, bad, status, place, alarm, plain *color.Color
}

func newScreen(out io.Writer, coloured bool) *screen {
	paint := func(a ...color.Attribute) *color.Color {
		c := color.New(a...)
		if coloured {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	return &screen{
		out: out, dim: paint(color.Faint), name: paint(color.Bold), bad: paint(color.FgRed), status: paint(color.FgGreen),
		place: paint(color.FgCyan), alarm: paint(color.FgHiWhite, color.BgRed, color.Bold), plain: paint(color.Reset),
	}
}

func (s *screen) line(at time.Time, parts ...string) {
	fmt.Fprintf(s.out, "%s  %s\n", s.dim.Sprint(at.Local().Format("15:04:05.000")), strings.Join(parts, "  "))
}

// note, warn and silent tell of the port and the search.
func (s *screen) note(at time.Time, text string) { s.line(at, s.dim.Sprint("-- "+printable(text))) }
func (s *screen) warn(at time.Time, text string) { s.line(at, s.bad.Sprint("-- "+printable(text))) }

func (s *screen) silent(at time.Time, d time.Duration, down string) {
	text := fmt.Sprintf("nothing heard for %v", d.Round(time.Second))
	if down != "" {
		text += ": " + down
	}
	s.note(at, text)
}

// noise shows bytes that belong to no frame.
func (s *screen) noise(at time.Time, raw []byte) {
	more := ""
	if len(raw) > shownNoise {
		more = " ..."
	}
	s.line(at, s.dim.Sprintf("noise, %d bytes: % x%s", len(raw), raw[:min(len(raw), shownNoise)], more))
}

// zeros tells of characters with wrong framing, which no decoder keeps.
func (s *screen) zeros(at time.Time, n int) {
	s.line(at, s.dim.Sprintf("noise, %d zero bytes: characters with wrong framing; is the speed right?", n))
}

// frame shows one frame.
func (s *screen) frame(at time.Time, f *devices.Frame) {
	r := &f.Report
	switch {
	case isNoise(f.Err):
		s.noise(at, f.Raw)
		return
	case f.Err != nil:
		parts := []string{string(r.Protocol), "refused: " + printable(f.Err.Error())}
		if r.Device != "" {
			parts = slices.Insert(parts, 1, printable(string(r.Device)))
		}
		s.line(at, s.bad.Sprint(strings.Join(parts, "  ")))
		for row := range strings.Lines(hex.Dump(f.Raw)) {
			fmt.Fprintf(s.out, "    %s\n", s.bad.Sprint(strings.TrimRight(row, "\n")))
		}
		return
	case r.Kind == devices.KindOther && r.Device == "":
		s.line(at, s.dim.Sprintf("%s  other  %q", r.Protocol, f.Raw))
		return
	}
	device := string(r.Device)
	if device == "" {
		device = "(names nobody)"
	}
	parts := []string{fmt.Sprintf("%-7s", r.Protocol), s.name.Sprintf("%-19s", printable(device)), fmt.Sprintf("%-8s", r.Kind)}
	s.line(at, append(parts, s.details(r)...)...)
}

// details are the parts of a line that not every frame has.
func (s *screen) details(r *devices.Report) []string {
	var parts []string
	add := func(c *color.Color, format string, a ...any) { parts = append(parts, c.Sprintf(format, a...)) }
	if r.Emergency {
		add(s.alarm, "EMERGENCY")
	}
	switch code := printable(r.StatusCode); {
	case r.Status == devices.StatusOther:
		add(s.status, "other (code %s, which no table maps)", code)
	case r.Status != "" && code != "":
		add(s.status, "%s (code %s)", r.Status, code)
	case r.Status != "":
		add(s.status, "%s", r.Status)
	case code != "":
		add(s.dim, "code %s, no press", code)
	}
	if fix := r.Fix; fix != nil {
		add(s.place, "%.5f %.5f", fix.Point[1], fix.Point[0])
		if fix.NoLock {
			add(s.bad, "no lock")
		}
		if v, known := fix.SpeedMPS.Value(); known {
			add(s.plain, "%.1f m/s", v)
		}
		if v, known := fix.CourseDeg.Value(); known {
			add(s.plain, "%.0f deg", v)
		}
		if v, known := fix.AltitudeM.Value(); known {
			add(s.plain, "%.0f m high", v)
		}
		if v, known := fix.AccuracyM.Value(); known {
			add(s.plain, "+-%.0f m", v)
		}
	}
	if r.To != "" {
		add(s.plain, "to %s", printable(r.To))
	}
	if r.Text != "" {
		add(s.plain, "%q", r.Text)
	}
	if v, known := r.BatteryPct.Value(); known {
		add(s.plain, "battery %.0f %%", v)
	}
	if v, known := r.RSSIdBm.Value(); known {
		add(s.plain, "%.0f dBm", v)
	}
	return parts
}

// summary closes the session.
func (s *screen) summary(lasted time.Duration, t *tally) {
	fmt.Fprintf(s.out, "\n%v: %d bytes, %d frames, %d refused, %d bytes of noise\n", lasted.Round(time.Second), t.bytes, t.frames, t.refused, t.noise)
	names := slices.Sorted(maps.Keys(t.devices))
	fmt.Fprintf(s.out, "%d devices heard\n", len(names))
	for _, n := range names {
		fmt.Fprintf(s.out, "  %-19s %d\n", printable(string(n)), t.devices[n])
	}
	if t.unlisted > 0 {
		fmt.Fprintf(s.out, "  and %d frames of more devices than are listed\n", t.unlisted)
	}
}

// printable keeps what was heard from steering the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}

// isNoise tells bytes that belong to no frame from a frame that is refused.
func isNoise(err error) bool {
	for _, noise := range []error{kenwood.ErrNoise, kiss.ErrNoise, tetra.ErrNoise, nmea.ErrNotSentence, aprs.ErrHeader} {
		if errors.Is(err, noise) {
			return true
		}
	}
	return false
}

func zeros(p []byte) int { return bytes.Count(p, []byte{0}) }

// maxListed bounds the devices that a session lists: identities are claims, and a
// flood of them must not fill the memory.
const maxListed = 1000

// tally counts what was heard.
type tally struct {
	bytes, frames, refused, noise, unlisted int
	devices                                 map[devices.Identity]int
}

func (t *tally) count(f *devices.Frame) {
	switch {
	case isNoise(f.Err):
		t.noise += len(f.Raw)
		return
	case f.Err != nil:
		t.refused++
		return
	}
	t.frames++
	if t.devices == nil {
		t.devices = map[devices.Identity]int{}
	}
	id := f.Report.Device
	_, listed := t.devices[id]
	switch {
	case id == "":
	case listed || len(t.devices) < maxListed:
		t.devices[id]++
	default:
		t.unlisted++
	}
}

// silenceNotedEvery is how often a silent line is noted.
const silenceNotedEvery = 30 * time.Second

// silence knows how long nothing was heard.
type silence struct{ since, noted time.Time }

func (s *silence) heard(at time.Time) { s.since, s.noted = at, at }

// tick tells for how long nothing was heard, each half minute of it.
func (s *silence) tick(now time.Time) (time.Duration, bool) {
	if now.Sub(s.noted) < silenceNotedEvery {
		return 0, false
	}
	s.noted = now
	return now.Sub(s.since), true
}
