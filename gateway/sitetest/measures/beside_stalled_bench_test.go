package measures

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// pressesASecond is how many keys a second these benchmarks press on one radio.
const pressesASecond = 100

// nthPress is the n-th press of the radio, with a time of its own so that none is a
// repetition of another.
func nthPress(n int) string {
	return sitetest.Sentence(fmt.Sprintf("PKLDS,%02d%02d%02d,A,0650.1840,S,10813.6740,E,000.0,000.0,231126,00.00,E00,102,1001,13,00,", n/3600, n/60%60, n%60))
}

// pressSteadily presses the radio's keys, so many, and returns when each was written.
func pressSteadily(s *sitetest.Site, from, presses int) []time.Time {
	sent := make([]time.Time, presses)
	tick := time.NewTicker(time.Second / pressesASecond)
	defer tick.Stop()
	for n := range sent {
		<-tick.C
		s.Print(nthPress(from + n))
		sent[n] = time.Now()
	}
	return sent
}

// p99 is in milliseconds.
func p99(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)*99/100]) / float64(time.Millisecond)
}

// BenchmarkPtyToEvent measures from the last byte on the pty to the event that a page
// gets, beside the time that the frame takes on the wire at 9600 baud, ten bits a
// byte. It is a row of `make bench`.
func BenchmarkPtyToEvent(b *testing.B) {
	s := sitetest.New(b)
	s.Start()
	defer s.Kill()
	const presses = 500
	r := followEvents(s, b, presses)
	sent := pressSteadily(s, 0, presses)
	took := make([]time.Duration, presses)
	for n, at := range r.wait(b) {
		took[n] = at.Sub(sent[n])
	}
	b.ReportMetric(p99(took), "ours")
	b.ReportMetric(float64(len(nthPress(0)))*10/9600*1000, "theirs")
	b.ReportMetric(float64(took[presses/2])/float64(time.Millisecond), "median_ms")
}

// BenchmarkStalledReaders has 200 pages open, of which 180 are measured. First all
// of them read, then 20 do not read at all any more. It is a row of `make bench`.
func BenchmarkStalledReaders(b *testing.B) {
	s := sitetest.New(b)
	s.Start()
	defer s.Kill()
	const readers, stalled, presses = 200, 20, 600
	from := 0
	measure := func(still int) float64 {
		for range still {
			stallReader(s, b)
		}
		healthy := make([]*reader, readers-still)
		for i := range healthy {
			healthy[i] = followEvents(s, b, presses)
		}
		sent := pressSteadily(s, from, presses)
		from += presses
		var took []time.Duration
		for i, r := range healthy {
			for n, at := range r.wait(b) {
				if i < readers-stalled {
					took = append(took, at.Sub(sent[n]))
				}
			}
		}
		return p99(took)
	}
	b.ReportMetric(measure(0), "theirs")
	b.ReportMetric(measure(stalled), "ours")
}

// connectEvents asks for a page's events over a connection of its own.
func connectEvents(s *sitetest.Site, b *testing.B) *net.TCPConn {
	b.Helper()
	u, err := url.Parse(s.Page)
	if err != nil {
		b.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() }) // a reader has closed it already
	if _, err := fmt.Fprintf(c, "%s /api/v1/events?for=page HTTP/1.1\r\nHost: %s\r\n\r\n", http.MethodGet, u.Host); err != nil {
		b.Fatal(err)
	}
	return c.(*net.TCPConn)
}

// stallReader opens the stream and never reads: what it is sent fills its small buffer.
func stallReader(s *sitetest.Site, b *testing.B) {
	b.Helper()
	if err := connectEvents(s, b).SetReadBuffer(2048); err != nil {
		b.Fatal(err)
	}
}

// reader notes when each press came out.
type reader struct {
	done sync.WaitGroup
	at   []time.Time
	want int
	err  error
}

// followEvents opens the stream and returns once it runs.
func followEvents(s *sitetest.Site, b *testing.B, presses int) *reader {
	b.Helper()
	c := connectEvents(s, b)
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		b.Fatal(err)
	}
	in := bufio.NewReaderSize(c, 64<<10)
	r := &reader{want: presses, at: make([]time.Time, 0, presses)}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		if bytes.HasPrefix(line, []byte("event: hello")) {
			break
		}
	}
	r.done.Go(func() {
		defer c.Close()
		for len(r.at) < r.want {
			line, err := in.ReadSlice('\n')
			if err != nil {
				r.err = err
				return
			}
			if bytes.HasPrefix(line, []byte("data: ")) && bytes.Contains(line, []byte(`"kind":"status"`)) {
				r.at = append(r.at, time.Now())
			}
		}
	})
	return r
}

// wait returns the times when all have come.
func (r *reader) wait(b *testing.B) []time.Time {
	b.Helper()
	r.done.Wait()
	if r.err != nil {
		b.Fatalf("after %d of %d events: %v", len(r.at), r.want, r.err)
	}
	return r.at
}
