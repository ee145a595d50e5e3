package kenwood

import (
	"bytes"

	"htgateway/devices/protocol/nmea"
)

const (
	stx = 0x02
	etx = 0x03

	// maxFrame is the longest frame that is kept, in bytes: a long text message
	// has up to 4,096 characters, and none of over 4 KiB is kept.
	maxFrame = 4096
)

// cutter cuts a stream into pieces: STX…ETX frames with their framing, sentences
// without it, and noise.
type cutter struct{ held []byte }

// feed returns the pieces that p completed.
func (c *cutter) feed(p []byte) [][]byte {
	var out [][]byte
	for _, b := range p {
		switch {
		case b == stx:
			out = c.end(out)
		case b == '$' && !c.inFrame() && !c.inSentence():
			out = c.end(out)
		}
		c.held = append(c.held, b)
		if c.complete(b) {
			out = c.end(out)
		}
	}
	return out
}

func (c *cutter) inFrame() bool { return len(c.held) > 0 && c.held[0] == stx && !c.inSentence() }

func (c *cutter) inSentence() bool {
	return len(c.held) > 0 && c.held[0] == '$' || len(c.held) > 1 && c.held[0] == stx && c.held[1] == '$'
}

// complete tells whether b, just held, ends the piece.
func (c *cutter) complete(b byte) bool {
	switch {
	case c.inSentence():
		return b == etx || b == '\r' || b == '\n' || len(c.held) > nmea.MaxSentence
	case c.inFrame():
		return b == etx || len(c.held) >= maxFrame || b == '\n' && c.holdsSentence()
	}
	return b == '\n' || b == etx || len(c.held) > nmea.MaxSentence
}

// holdsSentence tells whether a frame that never got its ETX has run into a
// whole sentence.
func (c *cutter) holdsSentence() bool {
	at := bytes.LastIndexByte(c.held, '$')
	if at < 0 {
		return false
	}
	_, err := nmea.Split(c.held[at:])
	return err == nil
}

// end closes the piece that is held, if it is more than white space and framing.
func (c *cutter) end(out [][]byte) [][]byte {
	piece := bytes.Trim(c.held, "\r\n \x00")
	if c.inSentence() || len(piece) == 1 && piece[0] == etx {
		piece = bytes.Trim(piece, "\x02\x03\r\n \x00")
	}
	if len(piece) > 0 {
		out = append(out, bytes.Clone(piece))
	}
	c.held = c.held[:0]
	return out
}
