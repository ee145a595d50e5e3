package sitetest

import (
	"fmt"
	"net"
	"testing"

	"htgateway/devices/protocol/ax25"
	"htgateway/devices/protocol/kiss"
)

// AddTNC gives the site a TNC over TCP and a unit with an APRS radio.
func (s *Site) AddTNC() net.Listener {
	s.T.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() { l.Close() })
	s.Configure(fmt.Sprintf("  - {id: tnc, kind: tcp, protocol: kiss, address: %q, transmit: true, call_sign: YB1MJL-1, via: WIDE1-1}\n", l.Addr()))
	s.AddUnit("{id: orari-1, call_sign: ORARI 1, agency: ORARI, devices: [\"aprs:YB1ZZZ-9\"]}")
	return l
}

// OnAir is what the gateway sends over the TNC, and how the unit's radio sends.
func OnAir(t *testing.T, tnc net.Listener) (air <-chan string, transmit func(info string)) {
	t.Helper()
	conn, err := tnc.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return Commands(t, conn, 0xC0), func(info string) {
		t.Helper()
		f := ax25.Frame{
			Destination: ax25.Address{Call: "APRS"}, Source: ax25.Address{Call: "YB1ZZZ", SSID: 9},
			Control: ax25.ControlUI, PID: ax25.NoLayer3, Info: []byte(info),
		}
		if _, err := conn.Write(kiss.Encode(0, f.Append(nil))); err != nil {
			t.Fatal(err)
		}
	}
}
