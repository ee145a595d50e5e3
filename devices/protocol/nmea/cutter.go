package nmea

import "bytes"

// lineCutter cuts a stream into lines. Bytes before the first '$' of a line are
// noise and come out as a line of their own when there are any but white space.
type lineCutter struct{ held []byte }

func (c *lineCutter) feed(p []byte) [][]byte {
	var out [][]byte
	if n := bytes.Count(p, []byte{'\n'}); n > 0 {
		out = make([][]byte, 0, n+1)
	}
	for len(p) > 0 {
		// What is certain to belong to the line that is held is taken in one piece.
		n := bytes.IndexAny(p, "\r\n$")
		if n < 0 {
			n = len(p)
		}
		if n = min(n, MaxSentence-len(c.held)); n > 0 {
			c.held, p = append(c.held, p[:n]...), p[n:]
			continue
		}
		b := p[0]
		p = p[1:]
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
