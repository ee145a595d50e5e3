package system

import (
	"encoding/xml"
	"fmt"
	"net"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// TestTAKSeesTheUnit: a fix over the radio comes out as a Cursor on Target event, and
// so does an emergency, until a person and not a radio ends it.
func TestTAKSeesTheUnit(t *testing.T) {
	t.Parallel()
	listener, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s := sitetest.New(t)
	s.Configure(fmt.Sprintf("cot: {outputs: [{network: udp, address: \"%s\"}]}\n", listener.LocalAddr()))
	s.Start()
	s.Print(sitetest.Sentence("PKLSH,0649.9600,S,10813.6600,E," + time.Now().UTC().Format("150405") + ",A,102,1001,"))
	type event struct {
		UID   string `xml:"uid,attr"`
		Type  string `xml:"type,attr"`
		Point struct {
			Lat string `xml:"lat,attr"`
		} `xml:"point"`
	}
	next := func() event {
		t.Helper()
		if err := listener.SetReadDeadline(time.Now().Add(60 * time.Second)); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 2048)
		n, _, err := listener.ReadFrom(b)
		if err != nil {
			t.Fatal(err)
		}
		var e event
		if err := xml.Unmarshal(b[:n], &e); err != nil {
			t.Fatalf("%s: %v", b[:n], err)
		}
		return e
	}
	if e := next(); e.UID != "htgateway.unit.damkar-1" || e.Point.Lat != "-6.832667" {
		t.Errorf("%+v", e)
	}
	s.Press("10") // the emergency key
	for next().Type != "b-a-o-tbl" {
	}
	events := s.Events("")
	s.Press("19") // whatever the radio says now
	s.Await(events, "the next key", func(u sitetest.Update) bool { return u.Kind == "status" })
	var answer struct {
		Alerts []struct{ ID, Kind string }
	}
	s.Get("/alerts", &answer)
	var units struct {
		Features []struct {
			Properties struct{ Emergency bool }
		}
	}
	if s.Get("/units", &units); len(units.Features) != 1 || !units.Features[0].Properties.Emergency {
		t.Errorf("a radio ended the emergency: %+v", units)
	}
	for _, a := range answer.Alerts {
		if a.Kind == "emergency" {
			s.Post("/alerts/"+a.ID+"/acknowledge", map[string]any{"reason": "sudah dihubungi"}, nil)
		}
	}
	for e := next(); e.Type != "b-a-o-can"; e = next() {
	}
	if s.Get("/units", &units); units.Features[0].Properties.Emergency {
		t.Error("a person's acknowledgement did not end the emergency")
	}
	s.AwaitLink("cot:"+listener.LocalAddr().String(), func(l sitetest.Link) bool { return l.State == "up" })
	s.Stop()
}
