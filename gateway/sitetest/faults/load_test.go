package faults

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/sitetest"
)

// How often they send when nothing holds them up, and how much of what was held up
// follows as fast as it is taken. Without a limit every start has more to fold than the
// one before, and hundreds of kills measure little else.
const (
	phoneEvery      = 10 * time.Millisecond
	dispatcherEvery = 50 * time.Millisecond
	catchUp         = time.Second
	// notesEach is how many notes a dispatcher writes to an incident.
	notesEach = 6
)

// faultLoad is everybody who sends while the gateway is killed.
type faultLoad struct {
	t       *testing.T
	s       *sitetest.Site
	ctx     context.Context
	stop    stopper
	senders sync.WaitGroup

	phones    books
	keys      books // nothing acknowledges a key
	incidents books // by description; ids has each one's id
	notes     books
	// shown are the reports and acts that pages were sent.
	shown *sitetest.Ledger

	mu      sync.Mutex
	ids     map[string]string
	pressed int
}

func newFaultLoad(t *testing.T, s *sitetest.Site, broker string, names []string) *faultLoad {
	t.Helper()
	l := &faultLoad{
		t: t, s: s, ctx: t.Context(), stop: stopper{ended: make(chan struct{})},
		phones: newBooks(), keys: newBooks(), incidents: newBooks(), notes: newBooks(), shown: sitetest.NewLedger(), ids: map[string]string{},
	}
	for _, name := range names {
		d := &device{name: name, addr: broker, sent: l.phones.sent, acknowledged: l.phones.acknowledged, next: l.message(name)}
		l.senders.Go(func() { d.run(l.ctx) })
	}
	for n := range 2 {
		l.senders.Go(func() { l.dispatcher(n) })
	}
	return l
}

// message makes a phone's messages: some tell their own time and number, and of the
// others only the transport tells whether they come again.
func (l *faultLoad) message(name string) func(int) (payload, text string, more bool) {
	began, turn := time.Now(), &pace{every: phoneEvery}
	return func(n int) (string, string, bool) {
		l.await(turn)
		text := fmt.Sprintf("%s %d", name, n)
		payload := fmt.Sprintf(`{"text":%q}`, text)
		switch at := began.Add(time.Duration(n) * time.Millisecond).UTC().Format(time.RFC3339Nano); n % 3 {
		case 0:
			payload = fmt.Sprintf(`{"text":%q,"time":%q,"seq":%d}`, text, at, n)
		case 1:
			payload = fmt.Sprintf(`{"text":%q,"time":%q,"lat":-6.8364,"lon":108.2274}`, text, at)
		}
		return payload, text, !l.stop.stopped()
	}
}

// pace lets one sender go on every so often.
type pace struct {
	every time.Duration
	due   time.Time
}

// await waits for the sender's next turn, or until nothing is to be sent any more.
func (l *faultLoad) await(p *pace) {
	p.due = p.due.Add(p.every)
	if earliest := time.Now().Add(-catchUp); p.due.Before(earliest) {
		p.due = earliest
	}
	t := time.NewTimer(time.Until(p.due))
	defer t.Stop()
	select {
	case <-t.C:
	case <-l.stop.ended:
	case <-l.ctx.Done():
	}
}

// press has the radio send keys, each with a time of its own. The tag of a press is
// that time, as the journal keeps it.
func (l *faultLoad) press(times int) {
	l.t.Helper()
	for range times {
		n := l.pressed
		l.pressed++
		at := time.Date(2026, 11, 23, n/3600, n/60%60, n%60, 0, time.UTC)
		l.keys.sent.Add(at.Format(time.RFC3339))
		l.s.Print(sitetest.Sentence("PKLDS," + at.Format("150405") + ",A,0650.1840,S,10813.6740,E,000.0,000.0,231126,00.00,E00,102,1001,13,00,"))
	}
}

// tell follows the events of one life of the gateway as a page does.
func (l *faultLoad) tell() {
	req, err := http.NewRequestWithContext(l.ctx, http.MethodGet, l.s.Page+"/api/v1/events", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	go func() {
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			data, is := strings.CutPrefix(lines.Text(), "data: ")
			var u sitetest.Update
			if is && json.Unmarshal([]byte(data), &u) == nil && u.Report != "" {
				l.shown.Add(u.Report)
			}
		}
	}()
}

// dispatcher opens incidents and writes notes, and asks again under the same key
// until it is answered.
func (l *faultLoad) dispatcher(n int) {
	turn := &pace{every: dispatcherEvery * (1 + notesEach)}
	for i := 0; !l.stop.stopped() && l.ctx.Err() == nil; i++ {
		l.await(turn)
		description := fmt.Sprintf("incident %d of dispatcher %d", i, n)
		var in incident.Incident
		if !l.act(l.incidents, description, "/incidents", map[string]any{
			"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}, "description": description,
		}, &in) {
			return
		}
		l.mu.Lock()
		l.ids[description] = in.ID
		l.mu.Unlock()
		for k := range notesEach {
			text := fmt.Sprintf("note %d of %s", k, description)
			if !l.act(l.notes, text, "/incidents/"+in.ID+"/notes", map[string]string{"text": text}, nil) {
				return
			}
		}
	}
}

// act posts until the gateway answers that it is done.
func (l *faultLoad) act(b books, key, path string, body, answer any) bool {
	payload, err := json.Marshal(body)
	if err != nil {
		l.t.Error(err)
		return false
	}
	b.sent.Add(key)
	again := time.NewTicker(deviceAgain)
	defer again.Stop()
	for {
		if done, wrong := l.post(key, path, payload, answer); done {
			b.acknowledged.Add(key)
			return true
		} else if wrong != "" {
			l.t.Errorf("POST %s: %s", path, wrong)
			return false
		}
		select {
		case <-again.C:
		case <-l.ctx.Done():
			return false
		}
	}
}

// post asks once. A refusal that is not for want of a gateway is wrong.
func (l *faultLoad) post(key, path string, payload []byte, answer any) (done bool, wrong string) {
	ctx, cancel := context.WithTimeout(l.ctx, deviceSilence)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.s.Page+"/api/v1"+path, bytes.NewReader(payload))
	if err != nil {
		return false, err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, ""
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode >= 500:
		return false, ""
	case resp.StatusCode >= 300:
		return false, resp.Status
	case answer != nil:
		return json.NewDecoder(resp.Body).Decode(answer) == nil, ""
	}
	return true, ""
}

// finish lets everybody have the last acknowledgements.
func (l *faultLoad) finish() {
	l.t.Helper()
	l.stop.stop()
	done := make(chan struct{})
	go func() {
		l.senders.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(sitetest.StreamTime):
		l.t.Fatal("not everything was acknowledged in the end")
	}
}

// readRecord reads every incident from the gateway: how often each is there, by
// description, and each note.
func (l *faultLoad) readRecord() (incidents, notes map[string]int) {
	l.t.Helper()
	incidents, notes = map[string]int{}, map[string]int{}
	for description, id := range l.ids {
		var in incident.Incident
		l.s.Get("/incidents/"+id, &in)
		if in.Description == description {
			incidents[description]++
		}
		for _, n := range in.Notes {
			notes[n.Text]++
		}
	}
	return incidents, notes
}

// judge holds every book against the journal, and those of the dispatchers against
// the record too. What a page was sent is as good as acknowledged.
func (l *faultLoad) judge(incidents, notes map[string]int) []senderOutcome {
	l.t.Helper()
	st := l.readJournal()
	l.shown.Mu.Lock() // the last page may still read
	defer l.shown.Mu.Unlock()
	records := map[string]int{}
	for id := range l.shown.By {
		records[id] = st.records[id]
	}
	return []senderOutcome{
		l.phones.against("phones over MQTT, journal", st.texts),
		l.keys.against("keys of a radio, journal", st.keys),
		l.incidents.against("incidents, journal", st.incidents),
		l.incidents.against("incidents, record", incidents),
		l.notes.against("notes, journal", st.notes),
		l.notes.against("notes, record", notes),
		books{l.shown, l.shown}.against("what pages were sent, journal", records),
	}
}

// stored is what the journal holds, by what each sender calls its own.
type stored struct {
	texts, keys, records, incidents, notes map[string]int
}

func (l *faultLoad) readJournal() stored {
	l.t.Helper()
	j, err := sqlite.Open(l.t.Context(), filepath.Join(l.s.Dir, "data", "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		l.t.Fatal(err)
	}
	defer j.Close()
	st := stored{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}}
	for after := uint64(0); ; {
		entries, err := j.Read(l.t.Context(), after, 5000)
		if err != nil {
			l.t.Fatal(err)
		}
		if len(entries) == 0 {
			return st
		}
		for _, e := range entries {
			after = e.Seq
			if err := st.count(e); err != nil {
				l.t.Fatal(err)
			}
		}
	}
}

func (st stored) count(e journal.Entry) error {
	st.records[e.ID]++ // an update names the report or the act that it comes from
	switch e.Kind {
	case journal.KindReport:
		var r devices.Report
		if err := json.Unmarshal(e.Body, &r); err != nil {
			return err
		}
		if r.Protocol == devices.Kenwood {
			st.keys[r.DeviceTime.UTC().Format(time.RFC3339)]++
		} else {
			st.texts[r.Text]++
		}
	case journal.KindAct:
		var a incident.Act
		if err := json.Unmarshal(e.Body, &a); err != nil {
			return err
		}
		switch a.Kind {
		case incident.ActOpen:
			st.incidents[a.Opening.Description]++
		case incident.ActNote:
			st.notes[a.Text]++
		}
	}
	return nil
}
