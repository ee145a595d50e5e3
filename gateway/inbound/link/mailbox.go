package link

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"htgateway/devices"
)

// Mailbox keeps the commands for phones that are reached only when they post. It is
// safe for concurrent use.
type Mailbox struct {
	now   func() time.Time
	mu    sync.Mutex
	boxes map[devices.Identity][]letter
}

// letter is one command; taken is set when the phone has fetched it. Whoever waits
// for that publishes it again and again: one that nobody publishes any more is over.
type letter struct {
	command string
	taken   bool
	wanted  time.Time
}

// wantedFor is how long after its last publishing a command is still handed over.
const wantedFor = 30 * time.Second

// lettersAtMost bounds what waits for one phone.
const lettersAtMost = 16

// NewMailbox returns an empty mailbox.
func NewMailbox(now func() time.Time) *Mailbox {
	return &Mailbox{now: now, boxes: map[devices.Identity][]letter{}}
}

// ErrWaiting is returned for a command that its phone has not fetched yet.
var ErrWaiting = errors.New("waits for the phone's next post")

// Publish puts a command into the box of owntracks/<user>/<device>/cmd. It returns
// nil only once the phone has fetched it: until then ErrWaiting, however often it
// is published.
func (m *Mailbox) Publish(_ context.Context, topic string, payload []byte) error {
	name, is := strings.CutSuffix(strings.TrimPrefix(topic, "owntracks/"), "/cmd")
	if !is {
		return errors.New("a phone in HTTP mode takes commands only")
	}
	device := devices.Identity("owntracks:" + name)
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	box := slices.DeleteFunc(m.boxes[device], func(l letter) bool { return now.Sub(l.wanted) > wantedFor })
	m.boxes[device] = box
	i := slices.IndexFunc(box, func(l letter) bool { return l.command == string(payload) })
	switch {
	case i >= 0 && box[i].taken:
		m.boxes[device] = slices.Delete(box, i, i+1)
		return nil
	case i >= 0:
		box[i].wanted = now
	case len(box) >= lettersAtMost:
		return errors.New("too many commands wait for this phone already")
	default:
		m.boxes[device] = append(box, letter{command: string(payload), wanted: now})
	}
	return ErrWaiting
}

// take returns what waits for a phone, each once.
func (m *Mailbox) take(device devices.Identity) []json.RawMessage {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []json.RawMessage
	for i := range m.boxes[device] {
		if l := &m.boxes[device][i]; !l.taken && m.now().Sub(l.wanted) <= wantedFor {
			l.taken = true
			out = append(out, json.RawMessage(l.command))
		}
	}
	return out
}
