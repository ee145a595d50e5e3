package trace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// Journal is what a trace reads of it.
type Journal interface {
	// WithPrefix returns up to limit reports whose ids begin so, oldest first.
	WithPrefix(ctx context.Context, kind journal.Kind, prefix string, limit int) ([]journal.Entry, error)
	// Naming returns the entries of a kind whose bodies hold a text, after an entry.
	Naming(ctx context.Context, kind journal.Kind, text string, after uint64) ([]journal.Entry, error)
}

// Updates is what a trace reads of the log of updates.
type Updates interface {
	// About returns the updates that an entry made or that name a report, in order.
	About(ctx context.Context, entry uint64, report string) ([]incident.Update, error)
	// Cursors are the updates up to which each sink is done.
	Cursors(ctx context.Context) (map[string]uint64, error)
	// Folded is the entry of the newest update, and that update; 0 when there is none.
	Folded(ctx context.Context) (entry, update uint64, err error)
}

// Trace is what became of one report.
type Trace struct {
	// Report is as the journal has it, its raw frame with it.
	Report devices.Report `json:"report"`
	// RawText is the frame as text, control characters escaped.
	RawText string `json:"raw_text"`
	// Entry is the report's number in the journal, JournaledAt when it was on disk
	// there, UTC, and JournalS how many seconds after its reception that was.
	Entry       uint64    `json:"journal_entry"`
	JournaledAt time.Time `json:"journaled_at"`
	JournalS    float64   `json:"journal_s"`
	// DeviceClockS is how many seconds before its reception the device's own clock put
	// the report; nil when the device gave no time.
	DeviceClockS *float64 `json:"device_clock_s,omitempty"`
	// Heard lists every link and station that heard it, the first one first.
	Heard []devices.Hearing `json:"heard"`
	// Updates are those that the report made, or that rest on it, in order.
	Updates []incident.Update `json:"updates"`
	// Folded is the newest journal entry of which there are updates.
	Folded uint64 `json:"folded"`
	// Sinks tell how far each is.
	Sinks []Sink `json:"sinks"`
	// Deliveries are what was sent back about it, and the messages that it answered.
	Deliveries []journal.Delivery `json:"deliveries"`
}

// Sink is how far one sink is with a report's updates.
type Sink struct {
	Name string `json:"sink"`
	// Cursor is the update up to which it is done.
	Cursor uint64 `json:"cursor"`
	// Done of the report's updates are behind it, Waiting are not.
	Done    int `json:"done"`
	Waiting int `json:"waiting"`
}

// Errors of [Follow].
var (
	ErrNoReport = errors.New("no report has this id")
	ErrSeveral  = errors.New("several reports begin with this id")
)

// severalShown is how many ids are named when a prefix fits several.
const severalShown = 5

// Follow traces the report whose id is or begins with the given one. Errors wrap
// [ErrNoReport] and [ErrSeveral]. Without updates (nil) it ends at the journal.
func Follow(ctx context.Context, j Journal, u Updates, id string) (*Trace, error) {
	e, err := find(ctx, j, id)
	if err != nil {
		return nil, err
	}
	t := &Trace{Entry: e.Seq, JournaledAt: e.JournaledAt}
	if err := json.Unmarshal(e.Body, &t.Report); err != nil {
		return nil, fmt.Errorf("cannot decode report %q of entry %d: %w", e.ID, e.Seq, err)
	}
	t.RawText = escaped(t.Report.Raw)
	t.JournalS = t.JournaledAt.Sub(t.Report.KnownAt()).Seconds()
	if !t.Report.DeviceTime.IsZero() {
		s := t.Report.ReceivedAt.Sub(t.Report.DeviceTime).Seconds()
		t.DeviceClockS = &s
	}
	if err := errors.Join(t.hearings(ctx, j), t.deliveries(ctx, j)); err != nil {
		return nil, err
	}
	if u == nil {
		return t, nil
	}
	return t, t.made(ctx, u)
}

func find(ctx context.Context, j Journal, id string) (journal.Entry, error) {
	if strings.TrimSpace(id) == "" {
		return journal.Entry{}, fmt.Errorf("%w: it is empty", ErrNoReport)
	}
	found, err := j.WithPrefix(ctx, journal.KindReport, id, severalShown)
	switch {
	case err != nil:
		return journal.Entry{}, err
	case len(found) == 0:
		return journal.Entry{}, fmt.Errorf("%w: %q", ErrNoReport, id)
	case len(found) == 1:
		return found[0], nil
	}
	var ids []string
	for _, e := range found {
		if e.ID == id {
			return e, nil
		}
		ids = append(ids, e.ID)
	}
	return journal.Entry{}, fmt.Errorf("%w: %q fits %s", ErrSeveral, id, strings.Join(ids, ", "))
}

// hearings reads who heard it.
func (t *Trace) hearings(ctx context.Context, j Journal) error {
	r := t.Report
	t.Heard = []devices.Hearing{{Report: r.ID, Link: r.Link, Via: r.Via, ReceivedAt: r.ReceivedAt, RSSIdBm: r.RSSIdBm}}
	// A site may deliver a hearing before the report that it names.
	entries, err := j.Naming(ctx, journal.KindHearing, r.ID, 0)
	if err != nil {
		return err
	}
	for _, e := range entries {
		h, err := journal.Decode[devices.Hearing](e)
		if err != nil {
			return err
		}
		if h.Report == r.ID {
			t.Heard = append(t.Heard, *h)
		}
	}
	return nil
}

// deliveries reads what was sent back.
func (t *Trace) deliveries(ctx context.Context, j Journal) error {
	t.Deliveries = []journal.Delivery{}
	entries, err := j.Naming(ctx, journal.KindDelivery, t.Report.ID, t.Entry)
	if err != nil {
		return err
	}
	for _, e := range entries {
		d, err := journal.Decode[journal.Delivery](e)
		if err != nil {
			return err
		}
		if d.Message == t.Report.ID || d.Report == t.Report.ID {
			t.Deliveries = append(t.Deliveries, *d)
		}
	}
	return nil
}

// made reads what the tracker made of it, and where the sinks are.
func (t *Trace) made(ctx context.Context, u Updates) error {
	var err error
	if t.Updates, err = u.About(ctx, t.Entry, t.Report.ID); err != nil {
		return err
	}
	if t.Folded, _, err = u.Folded(ctx); err != nil {
		return err
	}
	cursors, err := u.Cursors(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(cursors)) {
		s := Sink{Name: name, Cursor: cursors[name]}
		for _, up := range t.Updates {
			if up.Seq <= s.Cursor {
				s.Done++
			} else {
				s.Waiting++
			}
		}
		t.Sinks = append(t.Sinks, s)
	}
	return nil
}
