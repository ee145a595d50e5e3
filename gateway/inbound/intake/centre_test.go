package intake_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/geo"
)

// centre is a gateway to which sites deliver; it can begin again.
type centre struct {
	*intake.Intake
	t     *testing.T
	place string
	now   atomic.Int64
	j     *sqlite.Journal
}

func newCentre(t *testing.T) *centre {
	t.Helper()
	c := &centre{t: t, place: t.TempDir()}
	c.at(0)
	c.begin()
	return c
}

// at sets the journal's clock to so long after the start.
func (c *centre) at(d time.Duration) { c.now.Store(start.Add(d).UnixNano()) }

func (c *centre) begin() {
	c.t.Helper()
	c.j = openAt(c.t, c.place, &c.now)
	c.Intake = newIntake(c.j)
	if err := c.Recall(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

func (c *centre) restart() {
	c.t.Helper()
	if err := c.j.Close(); err != nil {
		c.t.Fatal(err)
	}
	c.begin()
}

func (c *centre) take(heard ...intake.Heard) {
	c.t.Helper()
	for _, h := range heard {
		c.now.Store(h.Report.ReceivedAt.UnixNano())
		if err := c.Take(c.t.Context(), h); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *centre) deliver(records []journal.Record, at time.Duration) {
	c.t.Helper()
	c.deliverFrom("ciremai", records, at)
}

func (c *centre) deliverFrom(site string, records []journal.Record, at time.Duration) {
	c.t.Helper()
	c.at(at)
	if err := c.Deliver(c.t.Context(), intake.Delivery{Site: site, At: start.Add(at), ClockS: geo.Measured(0), Records: records}); err != nil {
		c.t.Fatal(err)
	}
}

// siteOf is what a site has in its journal after it heard something.
func siteOf(t *testing.T, heard ...intake.Heard) []journal.Record {
	t.Helper()
	s := newSite(t)
	for _, h := range heard {
		if err := s.Take(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	return s.delivery(t, start, geo.Measured(0)).Records
}

// old are the records as a gateway of an earlier version journaled them, which did not say
// what it took for a repetition.
func old(t *testing.T, records []journal.Record) []journal.Record {
	t.Helper()
	var out []journal.Record
	for _, rec := range records {
		var r devices.Report
		if err := json.Unmarshal(rec.Body, &r); err != nil {
			t.Fatal(err)
		}
		r.Change, r.ChangedAfter = "", time.Time{}
		plain, err := journal.NewRecord(rec.Kind, rec.ID, rec.At, &r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, plain)
	}
	return out
}

// dial is a Mic-E beacon with the dial at committed, special or emergency.
func dial(link, message string, at time.Duration) intake.Heard {
	destination := map[string]string{"committed": "0VQ0U2", "special": "0V10U2", "emergency": "0610U2"}[message]
	return packet(link, "YB0TST-9>"+destination+":`rM[l \x1c>/", at)
}

// statusesAt are the presses of a journal, each with when it was received.
func statusesAt(t *testing.T, j *sqlite.Journal) []string {
	t.Helper()
	entries, err := j.Read(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		var r devices.Report
		if e.Kind != journal.KindReport {
			continue
		}
		if err := json.Unmarshal(e.Body, &r); err != nil {
			t.Fatal(err)
		}
		if r.Status != "" {
			out = append(out, fmt.Sprintf("%s %s", r.ReceivedAt.Sub(start), r.Status))
		} else if r.Emergency {
			t.Errorf("an emergency without a status: %+v", r)
		}
	}
	slices.Sort(out)
	return out
}

func expect(t *testing.T, j *sqlite.Journal, want ...string) {
	t.Helper()
	if got := statusesAt(t, j); !slices.Equal(got, want) {
		t.Errorf("presses %v, want %v", got, want)
	}
}
