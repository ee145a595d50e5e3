package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"htgateway/devices/account/password"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"htgateway/gateway/journal/jetstream/natstest"
)

// binary is the real program, built once for the tests of this package.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "htgateway-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "htgateway")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// site is a gateway as an office would run it: one base station on a serial port
// and a broker for phones.
type site struct {
	t     testing.TB
	dir   string
	radio *os.File // the radio's end of the serial line
	cmd   *exec.Cmd
	log   *bytes.Buffer

	// cpu is what its ended processes used together, and rssKiB the most that one held.
	cpu    time.Duration
	rssKiB int64

	mu     sync.Mutex // guards page and broker, which change when the gateway starts again
	page   string
	broker string
}

const phonePassword = "rahasia"

// newSite writes the configuration of a site with one radio unit and the given
// phones, and opens the radio's pty.
func newSite(t testing.TB, phones ...string) *site {
	t.Helper()
	radio, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = radio.Close(), line.Close() })
	s := &site{t: t, dir: t.TempDir(), radio: radio}
	units := "units:\n  - {id: damkar-1, call_sign: DAMKAR 1, agency: Damkar, devices: [\"fleetsync:102-1001\"]}\n"
	users := ""
	hash := password.Hash([]byte(phonePassword))
	for _, p := range phones {
		units += fmt.Sprintf("  - {id: %s, call_sign: %s, agency: PSC 119, devices: [\"field:%s\", \"owntracks:%s/phone\"]}\n", p, strings.ToUpper(p), p, p)
		users += p + ":" + hash + "\n"
	}
	for name, text := range map[string]string{
		"units.yaml": units,
		"users":      users,
		"htgateway.yaml": fmt.Sprintf(`http: {listen: "127.0.0.1:0"}
data: {dir: data}
units_file: units.yaml
mqtt: {embedded: {listen: "127.0.0.1:0", users_file: users}}
links:
  - {id: roof, kind: serial, protocol: kenwood, device: %s}
`, line.Name()),
	} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

var serving = regexp.MustCompile(`msg=serving page=(\S+) broker=(\S*)`)

// configure adds lines to the site's configuration.
func (s *site) configure(more string) {
	s.t.Helper()
	f, err := os.OpenFile(filepath.Join(s.dir, "htgateway.yaml"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := f.WriteString(more); err != nil {
		s.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// unit adds a unit to the site's roster.
func (s *site) unit(line string) {
	s.t.Helper()
	f, err := os.OpenFile(filepath.Join(s.dir, "units.yaml"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := f.WriteString("  - " + line + "\n"); err != nil {
		s.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// linkView is what the tests read of a link.
type linkView struct {
	ID         string     `json:"id"`
	State      string     `json:"state"`
	Why        string     `json:"why"`
	Frames     uint64     `json:"frames"`
	Errors     uint64     `json:"errors"`
	Duplicates uint64     `json:"duplicates"`
	LastHeard  *time.Time `json:"last_heard"`
	LastError  string     `json:"last_error"`
}

// awaitLink asks for the links until the named one fits.
func (s *site) awaitLink(id string, fits func(linkView) bool) linkView {
	s.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var last []linkView
	for {
		var answer struct{ Links []linkView }
		// A gateway that begins anew is away for a moment.
		if resp, err := http.Get(s.page + "/api/v1/links"); err == nil {
			err = json.NewDecoder(resp.Body).Decode(&answer)
			resp.Body.Close()
			if err != nil && resp.StatusCode == http.StatusOK {
				s.t.Fatalf("GET /links: %v", err)
			}
		}
		for _, l := range answer.Links {
			if l.ID == id && fits(l) {
				return l
			}
		}
		last = answer.Links
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("link %s: %+v\n%s", id, last, s.log)
		}
	}
}

// get reads an answer.
func (s *site) get(path string, answer any) {
	s.t.Helper()
	resp, err := http.Get(s.page + "/api/v1" + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("GET %s: %s %v", path, resp.Status, err)
	}
}

// start runs the binary and returns once it serves and listens to the radio.
func (s *site) start() {
	s.t.Helper()
	s.launch(`msg="serial port" link=roof state=up`)
	// What the journal holds from before has to be folded before it is asked for.
	s.awaitReady()
}

// awaitReady returns once the gateway says that it is ready.
func (s *site) awaitReady() { s.t.Helper(); s.readyWithin(30 * time.Second) }

func (s *site) readyWithin(patience time.Duration) {
	s.t.Helper()
	folded, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	if err := awaitGateway(folded, s.page+"/readyz"); err != nil {
		s.t.Fatalf("the gateway did not get ready: %v\n%s", err, s.log)
	}
}

// launch runs the binary and returns once it logs a sign.
func (s *site) launch(sign string) {
	s.t.Helper()
	select {
	case <-s.begin(sign):
	case <-time.After(30 * time.Second):
		s.t.Fatalf("the gateway did not come up:\n%s", s.log)
	}
}

// begin runs the binary; what it returns is closed once the gateway logs a sign.
func (s *site) begin(sign string) <-chan struct{} {
	s.t.Helper()
	path, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command(path, "run", "--config", filepath.Join(s.dir, "htgateway.yaml"))
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	ready := make(chan struct{})
	s.log = &bytes.Buffer{}
	go func() {
		lines := bufio.NewScanner(stderr)
		up := false
		for lines.Scan() {
			if m := serving.FindStringSubmatch(lines.Text()); m != nil {
				s.mu.Lock()
				s.page, s.broker = m[1], m[2]
				s.mu.Unlock()
			}
			if strings.Contains(lines.Text(), sign) && !up {
				up = true
				close(ready)
			}
			s.log.WriteString(lines.Text() + "\n")
		}
	}()
	return ready
}

// stop ends the gateway as a service manager would, and waits.
func (s *site) stop() {
	s.t.Helper()
	s.rssKiB = max(s.rssKiB, natstest.PeakKiB(s.cmd.Process.Pid))
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Fatalf("the gateway ended badly: %v\n%s", err, s.log)
	}
	s.book()
}

// book adds up what a process used that has ended.
func (s *site) book() {
	s.cpu += s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
}

// kill ends it as a power switch would.
func (s *site) kill() {
	s.t.Helper()
	s.rssKiB = max(s.rssKiB, natstest.PeakKiB(s.cmd.Process.Pid))
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait() // killed
	s.book()
}

// post sends an act and decodes the answer.
func (s *site) post(path string, body any, answer any) {
	s.t.Helper()
	payload, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.Post(s.page+"/api/v1"+path, "application/json", bytes.NewReader(payload))
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode >= 300 {
		s.t.Fatalf("POST %s: %s %s", path, resp.Status, text)
	}
	if answer != nil {
		if err := json.Unmarshal(text, answer); err != nil {
			s.t.Fatal(err)
		}
	}
}

// press sends a FleetSync key without a position.
func (s *site) press(code string) {
	s.t.Helper()
	s.say(sentence("PKLID,00,102,1001," + code + ",00,"))
}

// sentence puts a body between its framing and checksum.
func sentence(body string) string {
	var sum byte
	for i := range len(body) {
		sum ^= body[i]
	}
	return fmt.Sprintf("$%s*%02X\r\n", body, sum)
}

// say has the radio print something.
func (s *site) say(text string) {
	s.t.Helper()
	if _, err := s.radio.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// transmitting lets the gateway send through a link.
func (s *site) transmitting(id string) {
	s.t.Helper()
	path := filepath.Join(s.dir, "htgateway.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte("{id: "+id+","), []byte("{id: "+id+", transmit: true,"), 1), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// update is what the tests read of an event.
type update struct {
	Kind      string    `json:"kind"`
	Unit      string    `json:"unit"`
	Status    string    `json:"status"`
	Report    string    `json:"report"`
	At        time.Time `json:"at"`
	KnownAt   time.Time `json:"known_at"`
	Newest    bool      `json:"newest"`
	Milestone *struct {
		Milestone string `json:"milestone"`
		Evidence  string `json:"evidence"`
		Report    string `json:"report"`
	} `json:"milestone"`
	Before *struct {
		Evidence string `json:"evidence"`
	} `json:"before"`
	Alarm    alarmView `json:"alarm"`
	Text     string    `json:"text"`
	Delivery struct {
		Message string `json:"message"`
		State   string `json:"state"`
	} `json:"delivery"`
}

// events follows the stream from a place and returns its updates with their ids.
func (s *site) events(lastEventID string) <-chan identified {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	url := s.page + "/api/v1/events"
	out, hello := make(chan identified, 10_000), make(chan struct{})
	var greeted sync.Once
	go func() {
		// Who does not keep up, as on a busy machine, is let go and comes again.
		for {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				return
			}
			if lastEventID != "" {
				req.Header.Set("Last-Event-ID", lastEventID)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return // the gateway has ended
			}
			if resp.StatusCode != http.StatusOK {
				resp.Body.Close()
				return
			}
			lastEventID = listen(resp.Body, lastEventID, out, func() { greeted.Do(func() { close(hello) }) })
			resp.Body.Close()
		}
	}()
	select {
	case <-hello:
	case <-time.After(10 * time.Second):
		s.t.Fatal("the event stream says nothing")
	}
	return out
}

// listen gives on the updates of a stream until it ends, and returns the id of the last.
func listen(stream io.Reader, last string, out chan<- identified, hello func()) string {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 1<<20)
	id, name := "", ""
	for lines.Scan() {
		line := lines.Text()
		data, isData := strings.CutPrefix(line, "data: ")
		switch {
		case strings.HasPrefix(line, "id: "):
			id = line[4:]
		case strings.HasPrefix(line, "event: "):
			name = line[7:]
		case isData && name == "hello":
			var place struct {
				Generation string
				Last       uint64
			}
			if json.Unmarshal([]byte(data), &place) == nil && last == "" {
				last = fmt.Sprintf("%s-%d", place.Generation, place.Last)
			}
			hello()
		case isData && name == "update":
			e := identified{id: id, at: time.Now()}
			if json.Unmarshal([]byte(data), &e.update) == nil {
				out <- e
				last = id
			}
		}
	}
	return last
}

type identified struct {
	update
	id string
	at time.Time
}

// await returns the first event that fits.
func (s *site) await(events <-chan identified, what string, fits func(update) bool) identified {
	s.t.Helper()
	deadline := time.After(20 * time.Second)
	var others []update
	for {
		select {
		case e := <-events:
			if fits(e.update) {
				return e
			}
			others = append(others, e.update)
		case <-deadline:
			s.t.Fatalf("no event: %s; of the %d others the last are %+v", what, len(others), others[max(0, len(others)-5):])
		}
	}
}

// reach opens an incident and sends the radio unit to it.
func (s *site) reach() (incident string) {
	s.t.Helper()
	var in struct {
		ID string `json:"id"`
	}
	s.post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &in)
	s.post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{"damkar-1"}}, nil)
	return in.ID
}
