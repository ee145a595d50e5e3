package system

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"htgateway/gateway/sitetest"
)

// plug makes a new serial line and a device name for it, as udev would, and returns
// the radio's end.
func plug(t *testing.T, name string) *os.File {
	t.Helper()
	radio, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = radio.Close(), line.Close() })
	if err := os.Symlink(line.Name(), name); err != nil {
		t.Fatal(err)
	}
	// The gateway must have the line to itself, or pulling it out is not felt.
	if err := line.Close(); err != nil {
		t.Fatal(err)
	}
	return radio
}

// TestPulledOutInMidFrame pulls the adapter out in the middle of a frame and plugs
// it in under another name: that frame is lost and no other.
func TestPulledOutInMidFrame(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	dir := t.TempDir()
	radio := plug(t, filepath.Join(dir, "ttyUSB0"))
	s.Configure(fmt.Sprintf("  - {id: gate, kind: serial, protocol: kenwood, device: %q}\n", filepath.Join(dir, "ttyUSB*")))
	s.Start()
	s.AwaitLink("gate", func(l sitetest.Link) bool { return l.State == "up" })
	events := s.Events("")
	key := func(code string) string { return sitetest.Sentence("PKLID,00,102,1001," + code + ",00,") }
	if _, err := radio.WriteString(key("12") + key("13")[:12]); err != nil {
		t.Fatal(err)
	}
	s.Await(events, "the frame before", func(u sitetest.Update) bool { return u.Status == "en_route" })
	if err := radio.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "ttyUSB0")); err != nil {
		t.Fatal(err)
	}
	s.AwaitLink("gate", func(l sitetest.Link) bool { return l.State == "down" && l.Why != "" && l.Errors == 1 })
	radio = plug(t, filepath.Join(dir, "ttyUSB1"))
	s.AwaitLink("gate", func(l sitetest.Link) bool { return l.State == "up" })
	// The rest of the lost frame must not be joined to its start.
	if _, err := radio.WriteString(key("13")[12:] + key("16")); err != nil {
		t.Fatal(err)
	}
	if u := s.Await(events, "the frame after", func(u sitetest.Update) bool { return u.Kind == "status" }); u.Status != "completed" {
		t.Errorf("%+v", u)
	}
	s.Stop()
}

// TestFloodCostsItsOwnLinkOnly has one radio print 10,000 bytes of garbage a second
// while keys are pressed on another.
func TestFloodCostsItsOwnLinkOnly(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	name := filepath.Join(t.TempDir(), "flood")
	flood := plug(t, name)
	s.Configure(fmt.Sprintf("  - {id: flood, kind: serial, protocol: kenwood, device: %q, baud: 4800}\n", name))
	s.Start()
	s.AwaitLink("flood", func(l sitetest.Link) bool { return l.State == "up" })
	end := make(chan struct{})
	defer close(end)
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		random := rand.New(rand.NewPCG(1, 2))
		garbage := make([]byte, 1000)
		for {
			for i := range garbage {
				garbage[i] = byte(random.IntN(256))
			}
			if _, err := flood.Write(garbage); err != nil {
				return
			}
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	}()
	why := s.AwaitLink("flood", func(l sitetest.Link) bool { return l.Why != "" })
	if !strings.Contains(why.Why, "Is the speed right? It is set to 4800") {
		t.Errorf("%q", why.Why)
	}
	events := s.Events("")
	var worst time.Duration
	for i := range 40 {
		code, want := "12", "en_route"
		if i%2 == 1 {
			code, want = "13", "on_scene"
		}
		pressed := time.Now()
		// Another version number each time: the same bytes within two seconds are one
		// burst heard twice.
		s.Print(sitetest.Sentence(fmt.Sprintf("PKLID,%02d,102,1001,%s,%02d,", i%16, code, i)))
		u := s.Await(events, "key "+code, func(u sitetest.Update) bool { return u.Kind == "status" && u.Status == want })
		worst = max(worst, u.At.Sub(pressed))
	}
	t.Logf("worst of 40 keys beside the flood: %v", worst)
	if worst > 2*time.Second {
		t.Errorf("a key took %v beside a flood", worst)
	}
	s.Stop()
}

// TestOneBurstHeardByTwoBases prints one burst on two lines: one report, and both
// links stand in it.
func TestOneBurstHeardByTwoBases(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	name := filepath.Join(t.TempDir(), "hill")
	hill := plug(t, name)
	s.Configure(fmt.Sprintf("  - {id: hill, kind: serial, protocol: kenwood, device: %q}\n", name))
	s.Start()
	s.AwaitLink("hill", func(l sitetest.Link) bool { return l.State == "up" })
	events := s.Events("")
	s.Press("13")
	if _, err := hill.WriteString(sitetest.Sentence("PKLID,00,102,1001,13,00,")); err != nil {
		t.Fatal(err)
	}
	s.AwaitLink("hill", func(l sitetest.Link) bool { return l.Frames == 1 })
	s.AwaitLink("roof", func(l sitetest.Link) bool { return l.Frames == 1 })
	u := s.Await(events, "status", func(u sitetest.Update) bool { return u.Kind == "status" })
	s.Press("16")
	if next := s.Await(events, "one status", func(u sitetest.Update) bool { return u.Kind == "status" }); next.Status != "completed" {
		t.Errorf("the burst gave two: %+v", next)
	}
	var report struct {
		Device string
		Heard  []struct{ Link string }
	}
	s.Get("/reports/"+u.Report, &report)
	links := map[string]bool{}
	for _, h := range report.Heard {
		links[h.Link] = true
	}
	if len(report.Heard) != 2 || !links["roof"] || !links["hill"] || report.Device != "fleetsync:102-1001" {
		t.Errorf("%+v", report)
	}
	s.Stop()
}
