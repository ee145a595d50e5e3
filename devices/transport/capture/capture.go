package capture

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"htgateway/devices"
)

// version of the format that is written and read.
const version = 1

// MaxLine is the longest line of a capture, in bytes without its end.
const MaxLine = 64 << 10

// maxChunk is the most bytes that are written as one chunk; they and the rest of
// their line stay well under [MaxLine].
const maxChunk = 16 << 10

// maxOffset is the longest recording, ten years, so that offsets in milliseconds
// always fit a [time.Duration].
const maxOffset = 10 * 365 * 24 * time.Hour

// Errors of a capture, wrapped with the number of the line.
var (
	// ErrHeader is a first line that is no header of this format.
	ErrHeader = errors.New("not the header of a capture")
	// ErrChunk is a line that is no chunk.
	ErrChunk = errors.New("not a chunk")
	// ErrOrder is a chunk that is older than the one before it.
	ErrOrder = errors.New("chunk is older than the one before")
	// ErrLong is a line of over [MaxLine] bytes.
	ErrLong = fmt.Errorf("line is longer than %d bytes", MaxLine)
)

// Header says what was recorded.
type Header struct {
	// Port is the device as it was opened.
	Port string
	// Baud is the speed of the line in bits per second.
	Baud int
	// Protocol is how the bytes were read.
	Protocol devices.Protocol
	// Started is when the recording began, UTC.
	Started time.Time
}

// Chunk is what one read of the line gave.
type Chunk struct {
	// After is the time from the start of the recording, whole milliseconds.
	After time.Duration
	Bytes []byte
}

type headerLine struct {
	Capture  int              `json:"capture"`
	Port     string           `json:"port"`
	Baud     int              `json:"baud"`
	Protocol devices.Protocol `json:"protocol"`
	Started  time.Time        `json:"started"`
}

type chunkLine struct {
	After *int64  `json:"t_ms"`
	Hex   *string `json:"hex"`
}

// Writer writes a capture. It is not safe for concurrent use.
type Writer struct {
	out     io.Writer
	started time.Time
	last    time.Duration
}

// NewWriter writes the header. Each chunk is one write to w, so that a recording
// that is cut off loses nothing that was heard before.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	out := &Writer{out: w, started: h.Started}
	line := headerLine{Capture: version, Port: h.Port, Baud: h.Baud, Protocol: h.Protocol, Started: h.Started.UTC()}
	if err := line.check(); err != nil {
		return nil, err
	}
	return out, out.line(line)
}

// Write adds bytes that were read at a time. A time before the last one's (the
// clock was set back) is written as the last one's.
func (w *Writer) Write(p []byte, at time.Time) error {
	w.last = min(max(w.last, at.Sub(w.started)), maxOffset)
	ms := w.last.Milliseconds()
	for len(p) > 0 {
		piece := hex.EncodeToString(p[:min(len(p), maxChunk)])
		p = p[min(len(p), maxChunk):]
		if err := w.line(chunkLine{After: &ms, Hex: &piece}); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("cannot encode a line of the capture: %w", err)
	}
	if len(b) > MaxLine {
		return fmt.Errorf("cannot write the capture: %w", ErrLong)
	}
	if _, err := w.out.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("cannot write the capture: %w", err)
	}
	return nil
}

func (h *headerLine) check() error {
	switch {
	case h.Capture != version:
		return fmt.Errorf("%w: version %d, not %d", ErrHeader, h.Capture, version)
	case h.Protocol == "":
		return fmt.Errorf("%w: no protocol", ErrHeader)
	case h.Baud < 0:
		return fmt.Errorf("%w: %d baud", ErrHeader, h.Baud)
	case h.Started.IsZero():
		return fmt.Errorf("%w: no start", ErrHeader)
	}
	return nil
}

// Reader reads a capture. It is not safe for concurrent use.
type Reader struct {
	lines  *bufio.Scanner
	number int
	last   int64
	header Header
}

// NewReader reads the header. Errors wrap [ErrHeader] or [ErrLong].
func NewReader(r io.Reader) (*Reader, error) {
	in := &Reader{lines: bufio.NewScanner(r)}
	in.lines.Buffer(make([]byte, 4096), MaxLine+2) // and a line end
	text, err := in.next()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: the file is empty", ErrHeader)
	}
	if err != nil {
		return nil, err
	}
	var line headerLine
	if err := json.Unmarshal(text, &line); err != nil {
		return nil, in.wrong(fmt.Errorf("%w: %w", ErrHeader, err))
	}
	if err := line.check(); err != nil {
		return nil, in.wrong(err)
	}
	in.header = Header{Port: line.Port, Baud: line.Baud, Protocol: line.Protocol, Started: line.Started.UTC()}
	return in, nil
}

// Header is what the first line says.
func (r *Reader) Header() Header { return r.header }

// Next returns the next chunk, io.EOF after the last. Other errors wrap
// [ErrChunk], [ErrOrder], [ErrLong] or the reader's own, with the line's number.
func (r *Reader) Next() (Chunk, error) {
	text, err := r.next()
	if err != nil {
		return Chunk{}, err
	}
	var line chunkLine
	if err := json.Unmarshal(text, &line); err != nil {
		return Chunk{}, r.wrong(fmt.Errorf("%w: %w", ErrChunk, err))
	}
	if line.After == nil || line.Hex == nil {
		return Chunk{}, r.wrong(fmt.Errorf("%w: t_ms or hex is missing", ErrChunk))
	}
	if *line.After < 0 || *line.After > maxOffset.Milliseconds() {
		return Chunk{}, r.wrong(fmt.Errorf("%w: t_ms is %d", ErrChunk, *line.After))
	}
	if *line.After < r.last {
		return Chunk{}, r.wrong(fmt.Errorf("%w: %d ms after %d ms", ErrOrder, *line.After, r.last))
	}
	b, err := hex.DecodeString(*line.Hex)
	if err != nil {
		return Chunk{}, r.wrong(fmt.Errorf("%w: %w", ErrChunk, err))
	}
	r.last = *line.After
	return Chunk{After: time.Duration(*line.After) * time.Millisecond, Bytes: b}, nil
}

// next returns the next line that is not empty.
func (r *Reader) next() ([]byte, error) {
	for r.lines.Scan() {
		r.number++
		line := r.lines.Bytes()
		if len(line) > MaxLine {
			return nil, r.wrong(ErrLong)
		}
		if len(line) > 0 {
			return line, nil
		}
	}
	err := r.lines.Err()
	if err == nil {
		return nil, io.EOF
	}
	r.number++
	if errors.Is(err, bufio.ErrTooLong) {
		return nil, r.wrong(ErrLong)
	}
	return nil, r.wrong(err)
}

func (r *Reader) wrong(err error) error { return fmt.Errorf("capture: line %d: %w", r.number, err) }
