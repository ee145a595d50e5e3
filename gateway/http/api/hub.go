package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
)

// Timing and bounds of the event stream, in real time.
const (
	heartbeat    = 5 * time.Second
	coalesce     = 300 * time.Millisecond // units and incidents are sent at most this often
	clockTick    = time.Second
	clientQueue  = 2048
	writeWithin  = 10 * time.Second
	resumeAtMost = 10_000
	resumeBatch  = 1000
)

// hub encodes each event once for all clients. A client that does not keep up is
// dropped: it reconnects and resumes, and delays nobody.
type hub struct {
	s *Server

	mu      sync.Mutex
	clients map[*client]struct{}
	dropped atomic.Uint64

	// Only the broadcasting goroutine uses these.
	again            bool // it broadcast before
	units, incidents map[string]bool
	states           map[string]string
}

type client struct {
	queue chan []byte
	gone  chan struct{}
	once  sync.Once
	// forPage leaves out what a page does not draw one by one: updates of kind fix,
	// and each unit as an event of its own.
	forPage bool
	// generation and from are where the log stood when the client came.
	generation string
	from       uint64
}

// audience is who an event is for.
type audience int

const (
	everybody audience = iota
	scripts            // all but the pages
	pages
)

func (c *client) hears(a audience) bool { return a == everybody || c.forPage == (a == pages) }

func (c *client) drop() { c.once.Do(func() { close(c.gone) }) }

func newHub(s *Server) *hub {
	return &hub{s: s, clients: map[*client]struct{}{}, units: map[string]bool{}, incidents: map[string]bool{}, states: map[string]string{}}
}

// run broadcasts until ctx ends.
func (h *hub) run(ctx context.Context) error {
	updates := make(chan []incident.Update)
	failed := make(chan error, 1)
	from := h.from()
	go func() {
		failed <- h.s.o.Updates.Follow(ctx, from, func(us []incident.Update) error {
			select {
			case updates <- us:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	// Who listened before the roster changed has to fetch everything again.
	h.send(everybody, event("reset", "", map[string]string{"reason": errGone.Error()}))
	flush, beat, clocks := time.NewTicker(coalesce), time.NewTicker(heartbeat), time.NewTicker(clockTick)
	defer flush.Stop()
	defer beat.Stop()
	defer clocks.Stop()
	for {
		select {
		case us := <-updates:
			h.updated(us)
		case <-flush.C:
			h.flush()
		case <-clocks.C:
			h.watchClocks()
		case <-beat.C:
			h.send(everybody, event("heartbeat", "", h.s.clock()))
			h.send(everybody, event("links", "", map[string]any{"links": h.s.o.Links()}))
		case err := <-failed:
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("event stream stopped: %w", err)
		case <-ctx.Done():
			return nil
		}
	}
}

// from is the number after which updates are broadcast: at first, what those who came
// before the broadcasting began have not had. Those who come later get a reset and fetch everything.
func (h *hub) from() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	generation, from := h.s.o.Updates.SettingsHash(), h.s.o.Updates.Last()
	for c := range h.clients {
		if !h.again && c.generation == generation {
			from = min(from, c.from)
		}
	}
	h.again = true
	return from
}

func (h *hub) updated(us []incident.Update) {
	generation := h.s.o.Updates.SettingsHash()
	for i := range us {
		to := everybody
		if us[i].Kind == incident.UpdateFix {
			to = scripts
		}
		if h.heard(to) {
			h.send(to, event("update", eventID(generation, us[i].Seq), &us[i]))
		}
		if us[i].Unit != "" {
			h.units[us[i].Unit] = true
		}
		if us[i].Incident != "" && us[i].Kind != incident.UpdateFix {
			h.incidents[us[i].Incident] = true
		}
	}
}

// flush sends units and incidents that changed, each once; to a page all units
// in one event.
func (h *hub) flush() {
	if !h.heard(scripts) && !h.heard(pages) {
		clear(h.units)
		clear(h.incidents)
		return
	}
	asOf := h.s.o.Updates.Last()
	var moved []feature
	for _, id := range slices.Sorted(maps.Keys(h.units)) {
		if u, known := h.s.o.State.UnitByID(id); known {
			moved = append(moved, h.s.feature(u, asOf))
			h.send(scripts, event("unit", "", moved[len(moved)-1]))
		}
	}
	if len(moved) > 0 {
		h.send(pages, event("units", "", map[string]any{"features": moved}))
	}
	for _, id := range slices.Sorted(maps.Keys(h.incidents)) {
		if v, known := h.s.shown(id); known {
			h.send(everybody, event("incident", "", v))
		}
	}
	clear(h.units)
	clear(h.incidents)
}

// watchClocks sends an incident when one of its clocks warns or breaches: that
// happens by time alone.
func (h *hub) watchClocks() {
	states := make(map[string]string, len(h.states))
	for _, in := range h.s.o.State.Open() {
		states[in.ID] = clockStates(h.s.view(in, 0).Clocks)
		if h.states[in.ID] != states[in.ID] {
			h.incidents[in.ID] = true
		}
	}
	h.states = states
}

func clockStates(clocks []sop.Clock) string {
	var b strings.Builder
	for _, c := range clocks {
		b.WriteString(string(c.Name) + c.Unit + string(c.State) + " ")
	}
	return b.String()
}

// event encodes one server-sent event.
func event(name, id string, data any) []byte {
	var b bytes.Buffer
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("event: " + name + "\ndata: ")
	if err := json.NewEncoder(&b).Encode(data); err != nil {
		return nil // every type sent here encodes; a nil event is not sent
	}
	b.WriteByte('\n')
	return b.Bytes()
}

func eventID(generation string, seq uint64) string {
	return generation + "-" + strconv.FormatUint(seq, 10)
}

// heard tells whether anybody listens to what is for an audience.
func (h *hub) heard(to audience) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		if c.hears(to) {
			return true
		}
	}
	return false
}

func (h *hub) send(to audience, e []byte) {
	if e == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		if !c.hears(to) {
			continue
		}
		select {
		case c.queue <- e:
		default:
			h.dropped.Add(1)
			delete(h.clients, c)
			c.drop()
		}
	}
}

// askAgainWho is how often an open stream's session is looked at again.
const askAgainWho = time.Minute

// serve is GET /events; with for=page it sends what a page needs and no more. It
// goes on where Last-Event-ID says, or tells the client
// to fetch everything again when it cannot.
func (h *hub) serve(w http.ResponseWriter, r *http.Request) {
	c := &client{queue: make(chan []byte, clientQueue), gone: make(chan struct{}), forPage: r.URL.Query().Get("for") == "page"}
	h.mu.Lock()
	c.generation, c.from = h.s.o.Updates.SettingsHash(), h.s.o.Updates.Last()
	h.clients[c] = struct{}{}
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.clients, c)
		h.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	write := func(e []byte) error {
		if err := out.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
			return err
		}
		if _, err := w.Write(e); err != nil {
			return err
		}
		return out.Flush()
	}
	generation, last, err := h.greet(r, c.forPage, write)
	if err != nil {
		h.s.o.Log.Debug("event stream ended", "reason", err)
		return
	}
	// A session can end, and a user can be removed, while the stream goes on.
	again := time.NewTicker(askAgainWho)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			if _, known := h.s.o.Door.Who(r); !known {
				return
			}
		case e := <-c.queue:
			if of, seq, is := sequence(e); is && of == generation && seq <= last {
				continue // the client had it when it was greeted
			}
			if err := write(e); err != nil {
				return
			}
		case <-c.gone:
			return
		case <-r.Context().Done():
			return
		}
	}
}

var errGone = errors.New("the client's place is not kept any more")

// greet says hello and sends what the client missed. It returns the generation and
// the number of the newest update that the client has.
func (h *hub) greet(r *http.Request, forPage bool, write func([]byte) error) (generation string, after uint64, err error) {
	generation = h.s.o.Updates.SettingsHash()
	newest := h.s.o.Updates.Last()
	hello := h.s.clock()
	hello["generation"], hello["last"] = generation, newest
	if err := write(event("hello", "", hello)); err != nil {
		return generation, 0, err
	}
	asked := r.Header.Get("Last-Event-ID")
	if asked == "" {
		asked = r.URL.Query().Get("last_event_id")
	}
	if asked == "" {
		return generation, newest, nil
	}
	if after, err = place(asked, generation, newest); err != nil {
		return generation, newest, write(event("reset", eventID(generation, newest), map[string]string{"reason": err.Error()}))
	}
	for after < newest {
		us, err := h.s.o.Updates.Read(r.Context(), after, resumeBatch)
		if err != nil || len(us) == 0 {
			return generation, after, err
		}
		for i := range us {
			after = us[i].Seq
			if forPage && us[i].Kind == incident.UpdateFix {
				continue
			}
			if err := write(event("update", eventID(generation, after), &us[i])); err != nil {
				return generation, after, err
			}
		}
	}
	return generation, after, nil
}

// place reads a Last-Event-ID.
func place(id, generation string, newest uint64) (uint64, error) {
	g, number, _ := strings.Cut(id, "-")
	after, err := strconv.ParseUint(number, 10, 64)
	if err != nil || g != generation || after > newest || newest-after > resumeAtMost {
		return 0, errGone
	}
	return after, nil
}

// sequence is the update's generation and number in an encoded event.
func sequence(e []byte) (generation string, seq uint64, is bool) {
	line, isUpdate := bytes.CutPrefix(e, []byte("id: "))
	if !isUpdate {
		return "", 0, false
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	of, number, _ := bytes.Cut(line, []byte("-"))
	seq, err := strconv.ParseUint(string(number), 10, 64)
	return string(of), seq, err == nil
}
