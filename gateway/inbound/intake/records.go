package intake

import (
	"bytes"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// MaxRawBytes is the most of a refused frame that is kept.
const MaxRawBytes = 4 << 10

// outcome is the one line of the ledger that a frame ends in.
type outcome int

const (
	stored outcome = iota
	duplicate
	setAside
	shed
)

// fate is what becomes of one frame once its records are on disk.
type fate struct {
	account *account
	outcome outcome
	// record is the index of the report's record, whose result decides between
	// stored and duplicate; -1 when the outcome is already certain.
	record int
	first  *heard
	report *devices.Report
	// device, link, at and refusal are for the device's own ledger.
	device  devices.Identity
	link    string
	at      time.Time
	refusal string
}

// prepare turns frames into journal records and says what they will mean for
// the ledger; each frame counts as pending until it is settled.
func (in *Intake) prepare(frames []Heard) ([]journal.Record, []fate, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	var records []journal.Record
	fates := make([]fate, 0, len(frames))
	for i := range frames {
		h := &frames[i]
		r := in.received(h)
		f := fate{account: in.account(h.Link), record: -1, device: r.Device, link: h.Link, at: r.ReceivedAt}
		f.account.Received++
		f.account.Pending++
		var err error
		if h.Err != nil {
			f.refusal = h.Err.Error()
			f.outcome, records, err = in.refuse(h, r, f.account, records)
		} else {
			f.report = r
			f, records, err = in.identified(h, r, f, records)
		}
		fates = append(fates, f)
		if err != nil {
			return nil, fates, err
		}
	}
	return records, fates, nil
}

// received completes the report with what only the gateway knows, and refuses
// coordinates that no decoder should have let through.
func (in *Intake) received(h *Heard) *devices.Report {
	r := h.Report
	r.Link, r.Raw, r.Said = h.Link, bytes.Clone(h.Raw), bytes.Clone(r.Said) // who follows the journal has r; a link's buffer is the link's
	if r.ReceivedAt.IsZero() {
		r.ReceivedAt = in.now()
	}
	r.ReceivedAt = r.ReceivedAt.UTC().Round(0) // as it is read back
	if r.Assurance == "" {
		r.Assurance = devices.AssuranceClaimed
	}
	r.DropWildTimes() // one that cannot be written would hold up all that is written with it
	if h.Err == nil && r.Fix != nil {
		h.Err = geo.CheckPoint(r.Fix.Point)
	}
	return &r
}

// refuse keeps a bad frame raw with its reason, unless its sender floods.
func (in *Intake) refuse(h *Heard, r *devices.Report, a *account, records []journal.Record) (outcome, []journal.Record, error) {
	a.LastRefusal = h.Err.Error()
	if !in.refusals.mayKeep(h, r) {
		return shed, records, nil
	}
	in.log.Warn("frame refused", "link", h.Link, "device", r.Device, "reason", h.Err, "bytes", len(h.Raw))
	raw := h.Raw[:min(len(h.Raw), MaxRawBytes)]
	id := "x" + journal.Digest(h.Link, r.ReceivedAt.Format(time.RFC3339Nano), h.Err.Error(), string(raw))
	rec, err := journal.NewRecord(journal.KindUnparsed, id, r.ReceivedAt, journal.Unparsed{
		Link: h.Link, Protocol: string(r.Protocol), Device: string(r.Device),
		At: r.ReceivedAt, Reason: h.Err.Error(), Raw: raw,
	})
	if err != nil {
		return setAside, records, err
	}
	return setAside, append(records, rec), nil
}

// identified adds the records of a good frame: the report itself unless it is
// safely stored already, and the hearing when another link heard it first.
func (in *Intake) identified(h *Heard, r *devices.Report, f fate, records []journal.Record) (fate, []journal.Record, error) {
	in.codebook.Interpret(r)
	first, again := in.earshot.identify(r, h.Redelivered)
	if !again {
		in.standing.calm(r)
		in.bursts.merge(r)
	}
	f.outcome = duplicate
	if !first.stored {
		if err := first.offer(r, r.ReceivedAt); err != nil {
			return f, records, err
		}
		f.outcome, f.first, f.record = stored, first, len(records)
		records = append(records, *first.record)
	}
	if again && (first.link != h.Link || first.via != r.Via) {
		in.hearers.note(h.Link, r.Via)
		rec, err := journal.NewRecord(journal.KindHearing, HearingID(r.ID, h.Link, r.Via), r.ReceivedAt,
			devices.Hearing{Report: r.ID, Link: h.Link, Via: r.Via, ReceivedAt: r.ReceivedAt, RSSIdBm: r.RSSIdBm})
		if err != nil {
			return f, records, err
		}
		records = append(records, rec)
	}
	return f, records, nil
}

// settle books what the journal answered. After a failed append nothing is
// booked: the frames were not taken and will be offered again.
func (in *Intake) settle(fates []fate, results []journal.Result, failed error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, f := range fates {
		f.account.Pending--
		if failed != nil {
			f.account.Received--
			continue
		}
		if f.record >= 0 {
			f.first.stored, f.first.record = true, nil
			if results[f.record].Duplicate {
				f.outcome = duplicate
			}
		}
		f.account.book(f)
		in.roll.book(f.device, f.link, f.at, f.outcome, f.refusal)
		in.tell(&f)
	}
}

// HearingID is the journal's id of a report having been heard once more: over one
// more link, or by one more station on it (via, empty where a link names none).
func HearingID(report, link, via string) string {
	if via == "" {
		return "h" + journal.Digest(report, link)
	}
	return "h" + journal.Digest(report, link, via)
}
