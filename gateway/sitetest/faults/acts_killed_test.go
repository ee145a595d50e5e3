package faults

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

var (
	killPoints = flag.Int("kills", 12, "how often the fault suite kills the gateway at most")
	killWithin = flag.Duration("kills.within", 15*time.Second, "how long it goes on with that at most")
)

// TestFaultActsAcrossKills kills the gateway again and again, on the same data:
// under load, and one time in four while it still starts. Meanwhile phones send over
// MQTT, a radio over its serial line and dispatchers over HTTP, and each keeps its own
// book of what it sent and what was acknowledged. In the end the books are held
// against the journal and the incident record. Figures are printed with -v.
func TestFaultActsAcrossKills(t *testing.T) {
	t.Parallel()
	names := sitetest.DeviceNames(4)
	s := sitetest.New(t, names...)
	addr := fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t))
	s.ReplaceConfig(`mqtt: {embedded: {listen: "127.0.0.1:0"`, fmt.Sprintf(`mqtt: {embedded: {listen: %q`, addr))
	s.Page = fmt.Sprintf("http://127.0.0.1:%d", sitetest.FreePort(t))
	s.ReplaceConfig(`http: {listen: "127.0.0.1:0"`, fmt.Sprintf(`http: {listen: %q`, s.Page[len("http://"):]))

	load := newFaultLoad(t, s, addr, names)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	began, startUp, starting := time.Now(), time.Second, 0
	points := 0
	for ; points < *killPoints && time.Since(began) < *killWithin; points++ {
		load.begin()
		if random.IntN(4) == 0 {
			starting++
			<-time.After(time.Duration(random.Int64N(int64(startUp)))) // the instant is what is drawn
		} else {
			at := time.Now()
			s.AwaitReady()
			startUp = time.Since(at)
			load.tell()
			load.press(random.IntN(3))
			load.phones.acknowledged.Await(t, load.phones.acks()+random.IntN(60))
			<-time.After(time.Duration(random.Int64N(int64(5 * time.Millisecond))))
		}
		s.Kill()
		if points%50 == 49 {
			t.Logf("%d kill points after %v, ready within %v", points+1, time.Since(began).Round(time.Second), startUp.Round(time.Millisecond))
		}
	}
	load.begin()
	s.AwaitReady()
	load.finish()
	s.AwaitReady()
	incidents, notes := load.readRecord()
	s.Stop()
	verdict := load.judge(incidents, notes)
	t.Logf("kill points: %d, %d of them while it started, in %v", points, starting, time.Since(began).Round(time.Second))
	for _, line := range verdict {
		t.Log(line)
		if line.lost > 0 || line.doubled > 0 {
			t.Errorf("%s: lost or doubled", line.what)
		}
	}
}

// begin runs the binary and does not wait for it. Its log goes to a file.
func (l *faultLoad) begin() {
	l.t.Helper()
	path := sitetest.Binary(l.t)
	log, err := os.OpenFile(filepath.Join(l.s.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		l.t.Fatal(err)
	}
	defer log.Close()
	l.s.Cmd = exec.Command(path, "run", "--config", filepath.Join(l.s.Dir, "htgateway.yaml"))
	l.s.Cmd.Stderr = log
	if err := l.s.Cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	process := l.s.Cmd.Process
	l.t.Cleanup(func() { _ = process.Kill() })
}

// books are what one kind of sender sent and what was acknowledged to it.
type books struct{ sent, acknowledged *sitetest.Ledger }

func newBooks() books { return books{sitetest.NewLedger(), sitetest.NewLedger()} }

// acks is how much was acknowledged until now.
func (b books) acks() int {
	b.acknowledged.Mu.Lock()
	defer b.acknowledged.Mu.Unlock()
	return len(b.acknowledged.By)
}

// senderOutcome is the outcome of one kind of sender.
type senderOutcome struct {
	what                                      string
	sent, acknowledged, stored, lost, doubled int
}

func (a senderOutcome) String() string {
	return fmt.Sprintf("%-32s sent %6d, acknowledged %6d, stored %6d, lost %d, doubled %d", a.what, a.sent, a.acknowledged, a.stored, a.lost, a.doubled)
}

// against holds books against how often each thing is stored.
func (b books) against(what string, stored map[string]int) senderOutcome {
	a := senderOutcome{what: what, sent: len(b.sent.By), acknowledged: len(b.acknowledged.By), stored: len(stored)}
	for text := range b.acknowledged.By {
		if stored[text] == 0 {
			a.lost++
		}
	}
	for _, times := range stored {
		if times > 1 {
			a.doubled++
		}
	}
	return a
}

// stopper tells senders to send nothing new.
type stopper struct {
	once  sync.Once
	ended chan struct{}
}

func (s *stopper) stop() { s.once.Do(func() { close(s.ended) }) }

func (s *stopper) stopped() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}
