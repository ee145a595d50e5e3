package ax25_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"htgateway/devices/protocol/ax25"

	"htgateway/devices/devicestest"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	good := "82a0a4a64040e0" + "b284628c8c8a6f" + "03f0" + "3e68690d"
	for _, c := range []struct {
		name, hex string
		want      error
	}{
		{"nothing", "", ax25.ErrShort},
		{"addresses only", good[:28], ax25.ErrShort},
		{"no protocol byte", good[:30], ax25.ErrShort},
		{"address bytes not shifted", "41505253404060" + good[14:], ax25.ErrAddress},
		{"address of blanks", "40404040404060" + good[14:], ax25.ErrAddress},
		{"blank in the middle", "82a040a6404060" + good[14:], ax25.ErrAddress},
		{"path cut off", good[:26] + "6e" + "ae92888a", ax25.ErrShort},
		{"nine digipeaters", good[:26] + "6e" + string(bytes.Repeat([]byte("ae92888a624062"), 9)), ax25.ErrPath},
	} {
		b, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if _, err := ax25.Parse(b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	b, _ := hex.DecodeString(good)
	f, err := ax25.Parse(b)
	if err != nil || !f.IsUI() || string(devicestest.TNC2(&f)) != "YB1FFE-7>APRS:>hi\r" {
		t.Errorf("%q, %v", devicestest.TNC2(&f), err)
	}
}

// FuzzParse holds that what parses is put together again to the same bytes,
// except the bits that nobody uses.
func FuzzParse(f *testing.F) {
	b, _ := hex.DecodeString("82a0a4a64040e0b2846284868a66ae92888a62e0ae92888a62406303f0213036")
	f.Add(b)
	f.Add([]byte{})
	for _, input := range devicestest.Corpus(f) {
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := ax25.Parse(b)
		if err != nil || !frame.IsUI() {
			return
		}
		again, err := ax25.Parse(frame.Append(nil))
		if err != nil || !bytes.Equal(devicestest.TNC2(&again), devicestest.TNC2(&frame)) {
			t.Errorf("%q became %q (%v)", devicestest.TNC2(&frame), devicestest.TNC2(&again), err)
		}
	})
}

func ExampleParse() {
	source, _ := ax25.ParseAddress("YB1ZZZ-9")
	hop, _ := ax25.ParseAddress("WIDE1-1")
	f := ax25.Frame{
		Destination: ax25.Address{Call: "APRS"}, Source: source, Path: []ax25.Address{hop},
		Control: ax25.ControlUI, PID: ax25.NoLayer3, Info: []byte(">TIBA"),
	}
	parsed, err := ax25.Parse(f.Append(nil))
	fmt.Printf("%s by way of %s: %s %v\n", parsed.Source, parsed.Path, parsed.Info, err)
	// Output: YB1ZZZ-9 by way of [WIDE1-1]: >TIBA <nil>
}
