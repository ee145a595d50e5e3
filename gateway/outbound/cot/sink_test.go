package cot

import (
	"context"
	"encoding/xml"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/state/updatelog"
)

// picture is a present that the test changes.
type picture struct {
	mu        sync.Mutex
	units     []incident.UnitState
	incidents []incident.Incident
}

func (p *picture) Units() []incident.UnitState {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]incident.UnitState(nil), p.units...)
}

func (p *picture) Open() []incident.Incident {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.incidents), func(in incident.Incident) bool { return in.Ended() })
}

func (p *picture) UnitByID(id string) (incident.UnitState, bool) {
	for _, u := range p.Units() {
		if u.ID == id {
			return u, true
		}
	}
	return incident.UnitState{}, false
}

func (p *picture) Incident(id string) (incident.Incident, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, in := range p.incidents {
		if in.ID == id {
			return in, true
		}
	}
	return incident.Incident{}, false
}

// await returns the first event that fits.
func await(t *testing.T, events <-chan event, what string, fits func(event) bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case e := <-events:
			if fits(e) {
				return
			}
		case <-deadline:
			t.Fatalf("never heard %s", what)
		}
	}
}

// decode reads events from a stream until it ends.
func decode(r io.Reader, out chan<- event) {
	d := xml.NewDecoder(r)
	for {
		var e event
		if d.Decode(&e) != nil {
			return
		}
		out <- e
	}
}

func TestUDPAndTCPListenersHearThePicture(t *testing.T) {
	t.Parallel()
	datagrams, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer datagrams.Close()
	overUDP := make(chan event, 1000)
	go func() {
		b := make([]byte, 64<<10)
		for {
			n, _, err := datagrams.ReadFrom(b)
			if err != nil {
				return
			}
			var e event
			if err := xml.Unmarshal(b[:n], &e); err != nil {
				t.Errorf("a datagram is no event: %v %s", err, b[:n])
			}
			overUDP <- e
		}
	}()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	overTCP := make(chan event, 1000)
	connections := make(chan net.Conn, 10)
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			connections <- c
			go decode(c, overTCP)
		}
	}()

	log, err := updatelog.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	u := team()
	u.FixAt = time.Now()
	p := &picture{units: []incident.UnitState{u}}
	s := settings()
	s.Now, s.Log, s.Stale = time.Now, slog.New(slog.DiscardHandler), time.Minute
	s.Speed = 100 // the whole picture again every 200 ms of real time
	s.Outputs = []Output{{"udp", datagrams.LocalAddr().String()}, {"tcp", server.Addr().String()}}
	k := New(log, p, s)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()

	unit := func(e event) bool { return e.UID == "htgateway.unit.damkar-1" && e.Type == "a-f-G-U-C" }
	await(t, overUDP, "the unit by UDP", unit)
	await(t, overTCP, "the unit by TCP", unit)
	if err := (<-connections).Close(); err != nil { // the server throws us out
		t.Fatal(err)
	}
	<-connections
	await(t, overTCP, "the unit after the connection was lost", unit)

	in := incident.Incident{ID: "i1", Number: "1", Category: "fire", ReceivedAt: time.Now(), Location: &incident.Location{Lat: -6.8, Lon: 108.2}}
	p.mu.Lock()
	p.incidents = []incident.Incident{in}
	p.units[0].Emergency = true
	p.mu.Unlock()
	alert := incident.Update{Seq: 1, Kind: incident.UpdateAlert, Unit: u.ID, At: time.Now(), Alert: &incident.Alert{Kind: "emergency", Unit: u.ID}}
	if err := log.Append(ctx, []incident.Update{alert}); err != nil {
		t.Fatal(err)
	}
	for name, events := range map[string]chan event{"UDP": overUDP, "TCP": overTCP} {
		await(t, events, "the emergency by "+name, func(e event) bool { return e.Type == "b-a-o-tbl" && e.Detail.Link.UID == "htgateway.unit.damkar-1" })
		await(t, events, "the incident by "+name, func(e event) bool { return e.Type == "b-m-p-s-m" })
	}
	// A listener that comes later hears it too: it is sent for as long as it stands.
	await(t, overUDP, "the emergency again", func(e event) bool { return e.Type == "b-a-o-tbl" })
	p.mu.Lock()
	p.units[0].Emergency = false
	p.mu.Unlock()
	if err := log.Append(ctx, []incident.Update{{Seq: 2, Kind: incident.UpdateAlertAck, Unit: u.ID, At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	for name, events := range map[string]chan event{"UDP": overUDP, "TCP": overTCP} {
		await(t, events, "the emergency's end by "+name, func(e event) bool {
			return e.Type == "b-a-o-can" && e.UID == "htgateway.unit.damkar-1-9-1-1" && e.Detail.Emergency.Cancel
		})
	}
	p.mu.Lock()
	p.incidents[0].Status = "closed"
	p.mu.Unlock()
	if err := log.Append(ctx, []incident.Update{{Seq: 3, Kind: incident.UpdateClosed, Incident: "i1"}}); err != nil {
		t.Fatal(err)
	}
	await(t, overUDP, "the incident's end", func(e event) bool { return e.Type == "t-x-d-d" && e.Detail.Link.UID == "htgateway.incident.i1" })
	for _, st := range k.Status() {
		if st.Reports == 0 || st.State != "up" {
			t.Errorf("%+v", st)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
