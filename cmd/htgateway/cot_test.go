package main

import (
	"encoding/xml"
	"fmt"
	"net"
	"testing"
	"time"
)

// TestTAKSeesTheUnit: a fix over the radio comes out as a Cursor on Target event.
func TestTAKSeesTheUnit(t *testing.T) {
	t.Parallel()
	listener, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s := newSite(t)
	s.configure(fmt.Sprintf("cot: {outputs: [{network: udp, address: \"%s\"}]}\n", listener.LocalAddr()))
	s.start()
	s.say(sentence("PKLSH,0649.9600,S,10813.6600,E," + time.Now().UTC().Format("150405") + ",A,102,1001,"))
	if err := listener.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 2048)
	n, _, err := listener.ReadFrom(b)
	if err != nil {
		t.Fatal(err)
	}
	var e struct {
		UID   string `xml:"uid,attr"`
		Point struct {
			Lat string `xml:"lat,attr"`
		} `xml:"point"`
	}
	if err := xml.Unmarshal(b[:n], &e); err != nil || e.UID != "htgateway.unit.damkar-1" || e.Point.Lat != "-6.832667" {
		t.Errorf("%s: %v", b[:n], err)
	}
	s.awaitLink("cot:"+listener.LocalAddr().String(), func(l linkView) bool { return l.State == "up" })
	s.stop()
}
