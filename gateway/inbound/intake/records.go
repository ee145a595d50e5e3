package intake

import (
	"bytes"
	"context"
	"log/slog"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// MaxRawBytes is the most of a refused frame that is kept.
const MaxRawBytes = 4 << 10

// disposition is the line of the ledger that a frame ends in.
type disposition int

const (
	stored disposition = iota
	duplicate
	setAside
	shed
)

// outcome is what becomes of one frame once its records are on disk.
type outcome struct {
	account     *account
	disposition disposition
	// record is the index of the report's record, whose result decides between
	// stored and duplicate; -1 when the outcome is already certain.
	record int
	first  *firstHearing
	report *devices.Report
	// with are presses that go to the journal together with this frame, since it was
	// taken for their repetition.
	with []*firstHearing
	// device, link, at and refusal are for the device's own ledger.
	device  devices.Identity
	link    string
	at      time.Time
	refusal string
}

// prepare turns frames into journal records and says what they will mean for
// the ledger; each frame counts as pending until its outcome is committed.
func (in *Intake) prepare(frames []Heard) ([]journal.Record, []outcome, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.live = true
	var records []journal.Record
	outcomes := make([]outcome, 0, len(frames))
	for i := range frames {
		h := &frames[i]
		r := in.received(h)
		f := outcome{account: in.account(h.Link), record: -1, device: r.Device, link: h.Link, at: r.ReceivedAt}
		f.account.Received++
		f.account.Pending++
		var err error
		if h.Err != nil {
			f.refusal = h.Err.Error()
			f.disposition, records, err = in.refuse(h, r, f.account, records)
		} else {
			f.report = r
			f, records, err = in.identified(h, r, f, records)
		}
		outcomes = append(outcomes, f)
		if err != nil {
			return nil, outcomes, err
		}
	}
	return records, outcomes, nil
}

// received completes the report with what only the gateway knows, and refuses
// coordinates that no decoder should have let through.
func (in *Intake) received(h *Heard) *devices.Report {
	r := h.Report
	r.Change, r.ChangedAfter = "", time.Time{}
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
func (in *Intake) refuse(h *Heard, r *devices.Report, a *account, records []journal.Record) (disposition, []journal.Record, error) {
	a.LastRefusal = h.Err.Error()
	if !in.rejects.allow(h, r) {
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
func (in *Intake) identified(h *Heard, r *devices.Report, f outcome, records []journal.Record) (outcome, []journal.Record, error) {
	first, again := in.dedup.identify(r, h.Redelivered)
	if !again {
		press := in.settings.here(r, first)
		if !r.Change.NoPress() {
			in.codebook.Interpret(r)
			press = in.bursts.merge(r, r.ReceivedAt, first)
		}
		records = f.goWith(press, records)
	}
	f.disposition = duplicate
	if !first.stored {
		if err := first.offer(r, r.ReceivedAt); err != nil {
			return f, records, err
		}
		f.disposition, f.first, f.record = stored, first, len(records)
		records = append(records, *first.record)
	}
	if again && (first.link != h.Link || first.via != r.Via) {
		in.hearers.add(h.Link, r.Via)
		rec, err := journal.NewRecord(journal.KindHearing, HearingID(r.ID, h.Link, r.Via), r.ReceivedAt,
			devices.Hearing{Report: r.ID, Link: h.Link, Via: r.Via, ReceivedAt: r.ReceivedAt, RSSIdBm: r.RSSIdBm})
		if err != nil {
			return f, records, err
		}
		records = append(records, rec)
	}
	return f, records, nil
}

// goWith has a press that is not stored yet go to the journal with the frame that was taken
// for its repetition: its own write may yet fail, and nobody may offer it again.
func (f *outcome) goWith(press *firstHearing, records []journal.Record) []journal.Record {
	if press == nil || press.record == nil {
		return records
	}
	f.with = append(f.with, press)
	return append(records, *press.record)
}

// commit counts what the journal answered. After a failed append nothing is
// counted: the frames were not taken and will be offered again.
func (in *Intake) commit(outcomes []outcome, results []journal.Result, failed error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, f := range outcomes {
		f.account.Pending--
		if failed != nil {
			f.account.Received--
			continue
		}
		for _, h := range f.with {
			h.stored, h.record = true, nil
		}
		if f.record >= 0 {
			f.first.stored, f.first.record = true, nil
			if results[f.record].Duplicate {
				f.disposition = duplicate
			}
		}
		f.account.count(f)
		in.devices.count(f.device, f.link, f.at, f.disposition, f.refusal)
		in.logOutcome(&f)
	}
}

// logOutcome logs what became of a frame, at the level for debugging: the report's id is
// what htgateway trace asks for.
func (in *Intake) logOutcome(f *outcome) {
	if f.report == nil || !in.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	content := "report taken"
	if f.disposition == duplicate {
		content = "report heard again"
	}
	in.log.LogAttrs(context.Background(), slog.LevelDebug, content, slog.String("report", f.report.ID), slog.String("link", f.link), //nolint:sloglint // one of two constants
		slog.String("device", string(f.report.Device)), slog.String("kind", string(f.report.Kind)), slog.String("status", string(f.report.Status)))
}

// HearingID is the journal's id of a report having been heard once more: over one
// more link, or by one more station on it (via, empty where a link names none).
func HearingID(report, link, via string) string {
	if via == "" {
		return "h" + journal.Digest(report, link)
	}
	return "h" + journal.Digest(report, link, via)
}
