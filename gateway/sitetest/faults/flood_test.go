package faults

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
	"htgateway/gateway/status"
)

// TestFaultFlood: one radio prints 10,000 bytes of garbage a second, one phone sends
// nothing but what no decoder takes, and pages have the event stream open and never
// read. The other phone's messages are all acknowledged, dispatchers are answered, every
// frame is in a line of the ledger, and the radio's next key is understood.
func TestFaultFlood(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "psc1", "psc2")
	s.Start()
	defer s.Stop()
	for range 5 {
		stallEvents(s)
	}
	flood, ebb := context.WithCancel(t.Context())
	defer ebb()
	ended := make(chan error, 1)
	go func() { ended <- garbage(flood, s.Radio) }()
	bad := books{sitetest.NewLedger(), sitetest.NewLedger()}
	broker := s.Broker
	go (&device{name: "psc2", addr: broker, sent: bad.sent, acknowledged: bad.acknowledged, next: func(n int) (string, string, bool) {
		return `{"text":`, fmt.Sprint("bad ", n), true
	}}).run(flood)

	const messages = 300
	good := books{sitetest.NewLedger(), sitetest.NewLedger()}
	go (&device{name: "psc1", addr: broker, sent: good.sent, acknowledged: good.acknowledged, next: func(n int) (string, string, bool) {
		text := fmt.Sprint("good ", n)
		return fmt.Sprintf(`{"text":%q,"seq":%d}`, text, n), text, n < messages
	}}).run(t.Context())
	bad.acknowledged.Await(t, 100)
	incident := s.OpenIncident()
	var took []time.Duration
	for n := range 50 {
		began := time.Now()
		s.Post("/incidents/"+incident+"/notes", map[string]string{"text": fmt.Sprint("note ", n)}, nil)
		took = append(took, time.Since(began))
	}
	good.acknowledged.Await(t, messages)
	ebb()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	slices.Sort(took)
	t.Logf("notes answered in the flood: median %v, worst %v; %d bad messages acknowledged", took[25], took[49], bad.acks())
	if took[25] > 2*time.Second {
		t.Errorf("a note is answered in %v (median) while others flood", took[25])
	}

	events := s.Events("")
	s.Print("\r\n")
	s.Press("13")
	s.Await(events, "the key after the flood", func(u sitetest.Update) bool { return u.Kind == "status" && u.Unit == "damkar-1" })
	for _, id := range []string{"roof", "mqtt"} {
		l := awaitAccounted(s, id)
		t.Logf("link %s: %d frames = %d reports + %d again + %d set aside + %d shed", l.ID, l.Frames, l.Reports, l.Duplicates, l.Errors, l.Shed)
		if l.Errors == 0 || l.Shed == 0 {
			t.Errorf("link %s tells nothing of the flood", id)
		}
	}
}

// awaitAccounted returns a link once every frame is in a line of its ledger.
func awaitAccounted(s *sitetest.Site, id string) status.Status {
	s.T.Helper()
	deadline := time.After(20 * time.Second)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		var answer struct{ Links []status.Status }
		s.Get("/links", &answer)
		i := slices.IndexFunc(answer.Links, func(l status.Status) bool { return l.ID == id })
		if i < 0 {
			s.T.Fatalf("no link %s among %+v", id, answer.Links)
		}
		if l := answer.Links[i]; l.Frames == l.Reports+l.Duplicates+l.Errors+l.Shed {
			return l
		}
		select {
		case <-again.C:
		case <-deadline:
			s.T.Fatalf("link %s: not every frame is accounted for: %+v", id, answer.Links[i])
		}
	}
}

// stallEvents opens the event stream as a page whose machine sleeps: it never reads.
func stallEvents(s *sitetest.Site) {
	s.T.Helper()
	host := strings.TrimPrefix(s.Page, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET /api/v1/events HTTP/1.1\r\nHost: %s\r\n\r\n", host); err != nil {
		s.T.Fatal(err)
	}
}

// garbage writes 10,000 bytes a second, with a line's end here and there, until ctx ends.
func garbage(ctx context.Context, radio io.Writer) error {
	const every = 10 * time.Millisecond
	random := rand.New(rand.NewPCG(7, 11))
	tick := time.NewTicker(every)
	defer tick.Stop()
	noise := make([]byte, 100)
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		for i := range noise {
			noise[i] = byte(32 + random.IntN(200))
			if random.IntN(40) == 0 {
				noise[i] = "$\x02\x03\r\n"[random.IntN(5)]
			}
		}
		if _, err := radio.Write(noise); err != nil {
			return fmt.Errorf("cannot write garbage: %w", err)
		}
	}
}
