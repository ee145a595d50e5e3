package tetra

import "bytes"

const (
	ctrlZ = 0x1A

	// maxLine is the longest line that is kept, in bytes. The longest user data,
	// 2,047 bits, needs 512 digits.
	maxLine = 1024
)

// piece is one line without its end.
type piece struct {
	line []byte
	// sent is set when Ctrl-Z ended it: only a gateway writes that, so the radio
	// is echoing user data on its way out.
	sent bool
	// tooLong marks a line beyond [maxLine] and whatever follows it up to its end.
	tooLong bool
}

// cutter cuts a stream into lines.
type cutter struct {
	held     []byte
	overflow bool
}

// feed returns the lines that p completed.
func (c *cutter) feed(p []byte) []piece {
	var out []piece
	for _, b := range p {
		switch {
		case b == '\r' || b == '\n' || b == ctrlZ:
			out = c.end(out, b == ctrlZ)
			continue
		case len(c.held) == maxLine:
			out = append(out, piece{line: bytes.Clone(c.held), tooLong: true})
			c.held, c.overflow = c.held[:0], true
		}
		c.held = append(c.held, b)
		if len(c.held) == 2 && !c.overflow && string(c.held) == "> " {
			// The prompt has no line end of its own.
			out = c.end(out, false)
		}
	}
	return out
}

// end closes the line that is held, if there is more to it than white space.
func (c *cutter) end(out []piece, sent bool) []piece {
	line := bytes.Trim(c.held, " \t\x00")
	if len(line) > 0 {
		out = append(out, piece{line: bytes.Clone(line), sent: sent, tooLong: c.overflow})
	}
	c.held, c.overflow = c.held[:0], false
	return out
}
