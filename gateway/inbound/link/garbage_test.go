package link

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"htgateway/devices"
)

func TestGarbageHint(t *testing.T) {
	t.Parallel()
	refused := func(b []byte) devices.Frame { return devices.Frame{Raw: b, Err: errors.New("refused")} }
	for _, c := range []struct {
		name   string
		frames []devices.Frame
		want   string
	}{
		{"nothing said", nil, ""},
		{"one bad frame", []devices.Frame{refused([]byte("\xff\xfe\x80"))}, ""},
		{"wrong speed", []devices.Frame{refused(bytes.Repeat([]byte{0xf8, 0x00, 0x41}, 100))}, "set to 4800"},
		{"wrong protocol", []devices.Frame{refused(bytes.Repeat([]byte("$GPRMC,"), 50))}, "is the protocol right"},
		{"good again", []devices.Frame{refused(bytes.Repeat([]byte{0xf8, 0x00, 0x41}, 100)), {Raw: []byte("good")}}, ""},
	} {
		var g garbage
		for _, f := range c.frames {
			g.note(f)
		}
		if got := g.hint(4800); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
