package link

import (
	"fmt"

	"htgateway/devices"
)

// garbage counts what a line has said since its last good frame, to tell a
// wrong setting from a bad moment.
type garbage struct {
	bytes, notText int
}

// enoughBytes without one good frame are no accident: several frames of any
// protocol.
const enoughBytes = 200

// note takes one frame, good or refused.
func (g *garbage) note(f devices.Frame) {
	if f.Err == nil {
		*g = garbage{}
		return
	}
	g.bytes += len(f.Raw)
	for _, c := range f.Raw {
		if c >= 0x80 || c < 0x20 && c != '\r' && c != '\n' && c != 0x02 && c != 0x03 {
			g.notText++
		}
	}
}

// hint is what is probably wrong. At a wrong speed the bits fall into the wrong
// bytes, and few of them are letters; at the right speed with a wrong protocol most
// are.
func (g *garbage) hint(baud int) string {
	if g.bytes < enoughBytes {
		return ""
	}
	if baud == 0 {
		baud = 9600
	}
	share := 100 * g.notText / g.bytes
	if share >= 30 {
		return fmt.Sprintf("mostly framing errors: %d bytes and not one good frame, %d %% of them no text. Is the speed right? It is set to %d; `htgateway monitor --protocol auto` finds it", g.bytes, share, baud)
	}
	return fmt.Sprintf("%d bytes of text and not one good frame: is the protocol right? `htgateway monitor --protocol auto` finds it", g.bytes)
}
