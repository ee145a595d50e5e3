package measures

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// TestLatency measures from the last byte on the pty to the event that a page
// gets, on the real binary. The bar is generous here, since other tests run
// beside it; the figures are printed with -v.
func TestLatency(t *testing.T) {
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	events := s.Events("")
	const presses = 300
	var took []time.Duration
	for i := range presses {
		// Each press has an extension of its own, so that none is a repetition.
		body := fmt.Sprintf("PKLDS,09%02d%02d,A,0650.1840,S,10813.6740,E,000.0,000.0,231126,00.00,E00,102,1001,13,00,", i/60, i%60)
		var sum byte
		for k := range len(body) {
			sum ^= body[k]
		}
		if _, err := fmt.Fprintf(s.Radio, "$%s*%02X\r\n", body, sum); err != nil {
			t.Fatal(err)
		}
		sent := time.Now()
		e := s.Await(events, "status", func(u sitetest.Update) bool { return u.Kind == "status" })
		took = append(took, e.At.Sub(sent))
	}
	slices.Sort(took)
	median, p99 := took[presses/2], took[presses*99/100]
	t.Logf("pty to event over %d presses: median %v, p99 %v, worst %v", presses, median, p99, took[presses-1])
	if p99 > 250*time.Millisecond {
		t.Errorf("p99 %v is over 250 ms", p99)
	}
}
