package edge

import (
	"encoding/json"
	"fmt"
	"time"

	"htgateway/gateway/journal"
	"htgateway/geo"
)

// Path is where the centre takes the deliveries of a site: POST, a [Delivery] as JSON,
// which may be compressed with gzip. The site shows its name and password.
func Path(site string) string { return "/api/v1/edges/" + site + "/records" }

// MaxBody is the most that a delivery may hold, in bytes, uncompressed.
const MaxBody = 16 << 20

// Delivery is what a site hands over at once; without records it tells how it stands.
type Delivery struct {
	// SentAt is by the site's clock, UTC.
	SentAt time.Time `json:"sent_at"`
	// ClockS is how many seconds the site's clock is ahead of the centre's, as measured
	// over the last round trip, and ErrorS by how much that may be wrong either way.
	ClockS geo.Reading `json:"clock_s,omitzero"`
	ErrorS geo.Reading `json:"error_s,omitzero"`
	// Waiting are the site's journal entries that the centre does not have yet, and
	// WaitingSince when the oldest of them was received, UTC.
	Waiting      uint64    `json:"waiting"`
	WaitingSince time.Time `json:"waiting_since,omitzero"`
	Records      []Record  `json:"records,omitzero"`
}

// Record is a journal record on its way.
type Record struct {
	ID   string          `json:"id"`
	Kind journal.Kind    `json:"kind"`
	At   time.Time       `json:"at"`
	Body json.RawMessage `json:"body"`
	// ClockS is how many seconds the site's clock was ahead of the centre's when it
	// journaled the record. Where that is not known, ClockUnknown is set; where neither is
	// there, as from older sites, the delivery's counts.
	ClockS       geo.Reading `json:"clock_s,omitzero"`
	ClockUnknown bool        `json:"clock_unknown,omitzero"`
}

// Receipt answers a delivery once its records are in the centre's journal.
type Receipt struct {
	// Now is the centre's clock, UTC.
	Now   time.Time `json:"now"`
	Taken int       `json:"taken"`
}

// carried tells whether a site hands over records of a kind: what was heard, when by
// whom, and how its links stood. Refused bytes stay at the site.
func carried(k journal.Kind) bool {
	return k == journal.KindReport || k == journal.KindHearing || k == journal.KindLink
}

// maxClockS is how far a site's clock may be off, in seconds: a century, which is more
// than a clock that was never set is behind.
const maxClockS = 100 * 366 * 86400

// Journaled are the records as the journal takes them, each with how the site's clock
// stood to the centre's when it was journaled there.
func (d *Delivery) Journaled() ([]journal.Record, []geo.Reading, error) {
	if err := checkClock(d.ClockS); err != nil {
		return nil, nil, err
	}
	out, clocks := make([]journal.Record, len(d.Records)), make([]geo.Reading, len(d.Records))
	for i, r := range d.Records {
		if err := checkClock(r.ClockS); err != nil {
			return nil, nil, err
		}
		if r.ID == "" || len(r.Body) == 0 {
			return nil, nil, fmt.Errorf("edge: record %d of a delivery has no id or no body", i)
		}
		out[i] = journal.Record{ID: r.ID, Kind: r.Kind, At: r.At.UTC(), Body: r.Body}
		switch {
		case known(r.ClockS):
			clocks[i] = r.ClockS
		case !r.ClockUnknown:
			clocks[i] = d.ClockS
		}
	}
	return out, clocks, nil
}

func checkClock(r geo.Reading) error {
	if s := r.Or(0); s < -maxClockS || s > maxClockS {
		return fmt.Errorf("edge: clock_s %g is more than a century", s)
	}
	return nil
}
