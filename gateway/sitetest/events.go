package sitetest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Update is what the tests read of an event.
type Update struct {
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
	Alarm    Alarm  `json:"alarm"`
	Text     string `json:"text"`
	Delivery struct {
		Message string `json:"message"`
		State   string `json:"state"`
	} `json:"delivery"`
}

// Alarm is what the tests read of an alarm.
type Alarm struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind"`
	State  string    `json:"state"`
	Change string    `json:"change"`
	Late   string    `json:"late"`
	SeenAt time.Time `json:"seen_at"`
}

// Event is an update as the stream gave it.
type Event struct {
	Update
	ID string    // where the stream goes on after it
	At time.Time // when it came
}

// Events follows the stream from a place and returns its updates with their ids.
func (s *Site) Events(lastEventID string) <-chan Event {
	s.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s.T.Cleanup(cancel)
	url := s.Page + "/api/v1/events"
	out, hello := make(chan Event, 10_000), make(chan struct{})
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
		s.T.Fatal("the event stream says nothing")
	}
	return out
}

// listen gives on the updates of a stream until it ends, and returns the id of the last.
func listen(stream io.Reader, last string, out chan<- Event, hello func()) string {
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
			e := Event{ID: id, At: time.Now()}
			if json.Unmarshal([]byte(data), &e.Update) == nil {
				out <- e
				last = id
			}
		}
	}
	return last
}

// Await returns the first event that fits.
func (s *Site) Await(events <-chan Event, what string, fits func(Update) bool) Event {
	s.T.Helper()
	deadline := time.After(20 * time.Second)
	var others []Update
	for {
		select {
		case e := <-events:
			if fits(e.Update) {
				return e
			}
			others = append(others, e.Update)
		case <-deadline:
			s.T.Fatalf("no event: %s; of the %d others the last are %+v", what, len(others), others[max(0, len(others)-5):])
		}
	}
}
