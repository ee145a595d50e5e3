package nmea

import "bytes"

// lineCutter cuts a stream into lines. Bytes before the first '$' of a line are
// noise and come out as a line of their own when there are any but white space.
type lineCutter struct{ held []byte }

func (c *lineCutter) feed(p []byte) [][]byte {
	var out [][]byte
	for _, b := range p {
		switch {
		case b == '\r' || b == '\n':
			out = c.emit(out)
			continue
		case b == '$' && len(c.held) > 0 && c.held[0] != '$':
			out = c.emit(out)
		}
		c.held = append(c.held, b)
		if len(c.held) > MaxSentence {
			out = c.emit(out)
		}
	}
	return out
}

func (c *lineCutter) emit(out [][]byte) [][]byte {
	if line := c.flush(); line != nil {
		out = append(out, line)
	}
	return out
}

// flush returns what is held, nil when it is nothing but white space.
func (c *lineCutter) flush() []byte {
	line := bytes.Clone(bytes.TrimSpace(c.held))
	c.held = c.held[:0]
	if len(line) == 0 {
		return nil
	}
	return line
}
