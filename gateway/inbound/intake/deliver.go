package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// Delivery is what an edge site received, journaled and now hands over.
type Delivery struct {
	Site string
	// ClockS is how many seconds the site's clock is ahead of this gateway's.
	ClockS geo.Reading
	// At is when the delivery came, by this gateway's clock, UTC.
	At time.Time
	// Clocks, when not nil, are for each record how many seconds the site's clock was ahead
	// when it was journaled there, instead of ClockS; unknown where nothing tells.
	Clocks []geo.Reading
	// Records are the site's reports, hearings and link events, as it journaled them.
	Records []journal.Record
}

// seekAfter is from when a site's report is looked for in the journal too: here only
// the newest press of each key is remembered. lateAfter is from when it is no news.
const (
	seekAfter = time.Second
	lateAfter = rememberHearings / 2
)

// beforeItCame is how much later than it came a site may seem to have received a report.
// Beyond that, how its clock stood is not known.
const beforeItCame = 10 * time.Second

// errWhen is the reason for setting aside what was never heard at such a time.
var errWhen = errors.New("a record of a time that cannot be kept")

// errForeign is the reason for setting a record aside that no site should send.
var errForeign = errors.New("no site delivers records of this kind")

// Deliver journals what a site hands over and returns once it is on disk; only then
// may the site be answered. A report that was heard here or at another site too becomes
// one more hearing of it, and one that was delivered before nothing at all.
func (in *Intake) Deliver(ctx context.Context, d Delivery) error {
	records := make([]deliveredRecord, len(d.Records))
	for i := range d.Records {
		records[i].decode(&d, i)
	}
	if err := in.seekHere(ctx, &d, records); err != nil {
		return err
	}
	fresh, outcomes, err := in.receive(&d, records)
	var results []journal.Result
	if err == nil && len(fresh) > 0 {
		results, err = in.journal.Append(ctx, fresh...)
	}
	in.commit(outcomes, results, err)
	if err != nil {
		return fmt.Errorf("cannot journal %d records of site %q: %w", len(d.Records), d.Site, err)
	}
	return nil
}

// deliveredRecord is one record of a delivery.
type deliveredRecord struct {
	record  *journal.Record
	report  *devices.Report
	hearing *devices.Hearing
	link    *journal.LinkEvent
	// at is when the site received the report, by this gateway's clock.
	at time.Time
	// here is the same content about that time as this gateway's journal has them, or nil;
	// burst is set when it has the same key of that burst under another header.
	here  *firstHearing
	burst bool
	err   error
}

func (h *deliveredRecord) decode(d *Delivery, i int) {
	rec, clock := &d.Records[i], d.ClockS
	if i < len(d.Clocks) {
		clock = d.Clocks[i]
	}
	h.record = rec
	switch rec.Kind {
	case journal.KindReport:
		h.report = new(devices.Report)
		if h.err = json.Unmarshal(rec.Body, h.report); h.err == nil {
			h.err = h.complete(d, clock)
		}
	case journal.KindHearing:
		h.hearing = new(devices.Hearing)
		if h.err = json.Unmarshal(rec.Body, h.hearing); h.err == nil && !devices.Keepable(h.hearing.ReceivedAt) {
			h.err = errWhen
		}
	case journal.KindLink:
		h.link = new(journal.LinkEvent)
		if h.err = json.Unmarshal(rec.Body, h.link); h.err == nil && !devices.Keepable(h.link.At) {
			h.err = errWhen
		}
	default:
		h.err = fmt.Errorf("%w: %q", errForeign, rec.Kind)
	}
}

// soughtFor tells whether what this gateway heard about the time of a site's report may
// tell what that is: the same content, or the same burst.
func soughtFor(r *devices.Report) bool {
	return r != nil && (remembered(r) || r.Protocol == devices.Kenwood && r.StatusCode != "" && !r.Change.NoPress())
}

// complete adds to a report what only its receiver knows.
func (h *deliveredRecord) complete(d *Delivery, clock geo.Reading) error {
	r := h.report
	r.DropWildTimes()
	if r.ID == "" || r.ID != h.record.ID || r.ReceivedAt.IsZero() || !devices.Keepable(r.ReceivedAt) {
		return fmt.Errorf("report %q of record %q has no id or no time of its own", r.ID, h.record.ID)
	}
	r.Site, r.ArrivedAt, r.SiteClockS = d.Site, d.At, clock
	if byOurClock(r).Sub(d.At) > beforeItCame {
		r.SiteClockS = geo.Reading{} // the clock stood otherwise then
	}
	r.Link, r.Via = d.Site, pathVia(r.Link, r.Via)
	if r.Delivery != "" {
		r.Delivery = d.Site + "/" + r.Delivery
	}
	h.at = byOurClock(r)
	if r.Fix != nil {
		return geo.CheckPoint(r.Fix.Point)
	}
	return nil
}

// pathVia is what the centre calls a link of a site, and the station behind that.
func pathVia(link, via string) string {
	if via == "" {
		return link
	}
	return link + "/" + via
}

// receive makes journal records of a delivery; each report counts as pending until its
// outcome is committed.
func (in *Intake) receive(d *Delivery, all []deliveredRecord) ([]journal.Record, []outcome, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.live = true
	var records []journal.Record
	var outcomes []outcome
	for i := range all {
		h := &all[i]
		var f *outcome
		var err error
		switch {
		case h.err == nil && h.report != nil:
			f, records, err = in.addReport(d, h, records)
		case h.err == nil && h.hearing != nil:
			records, err = in.addHearing(d, h, records)
		case h.err == nil && h.link != nil:
			h.link.Link = pathVia(d.Site, h.link.Link)
			var rec journal.Record
			rec, err = journal.NewRecord(journal.KindLink, "l"+journal.Digest(d.Site, h.record.ID), h.link.At, h.link)
			records = append(records, rec)
		default:
			f = in.pending(d, h)
			f.refusal = h.err.Error()
			f.account.LastRefusal = f.refusal
			f.disposition = setAside
			var rec journal.Record
			rec, err = journal.NewRecord(journal.KindUnparsed, "x"+journal.Digest(d.Site, h.record.ID), d.At,
				journal.Unparsed{Link: d.Site, At: d.At, Reason: f.refusal, Raw: h.record.Body[:min(len(h.record.Body), MaxRawBytes)]})
			records = append(records, rec)
		}
		if f != nil {
			outcomes = append(outcomes, *f)
		}
		if err != nil {
			return nil, outcomes, err
		}
	}
	return records, outcomes, nil
}

func (in *Intake) pending(d *Delivery, h *deliveredRecord) *outcome {
	f := &outcome{account: in.account(d.Site), record: -1, link: d.Site, at: d.At}
	if h.report != nil {
		f.device = h.report.Device
	}
	f.account.Received++
	f.account.Pending++
	return f
}

// addReport adds the records of a site's report: the report, or its being heard there too.
func (in *Intake) addReport(d *Delivery, h *deliveredRecord, records []journal.Record) (*outcome, []journal.Record, error) {
	r, f := h.report, in.pending(d, h)
	in.hearers.add(d.Site, r.Via)
	first, again := in.recognise(h)
	if !again {
		records = f.goWith(in.judge(h, first), records)
	}
	f.report, f.disposition = r, duplicate
	if !first.stored {
		// As with two links here: the first hearing's disk write may yet fail.
		r.ID = first.id
		if err := first.offer(r, d.At); err != nil {
			return f, records, err
		}
		f.disposition, f.first, f.record = stored, first, len(records)
		records = append(records, *first.record)
	}
	if again && (first.link != r.Link || first.via != r.Via) {
		rec, err := journal.NewRecord(journal.KindHearing, HearingID(first.id, r.Link, r.Via), d.At,
			devices.Hearing{Report: first.id, Link: r.Link, Via: r.Via, ReceivedAt: r.ReceivedAt, RSSIdBm: r.RSSIdBm})
		if err != nil {
			return f, records, err
		}
		records = append(records, rec)
	}
	return f, records, nil
}

// judge says whether a site's report is a press. What the site took for a repetition is
// one, and its meaning of a code stands; the codebook here is for what it gave none. It
// returns the press that the report repeats, as long as that is not stored.
func (in *Intake) judge(h *deliveredRecord, first *firstHearing) *firstHearing {
	r := h.report
	press := in.settings.atSite(r, h.at, first)
	if r.Change.NoPress() {
		repeated(r, r.Change)
		return press
	}
	if r.Status != "" || r.StatusCode == "" || !interpretedThere(r) {
		in.codebook.Interpret(r)
	}
	if h.burst && isKey(r) {
		repeated(r, devices.ChangeSameBurst)
	}
	return in.bursts.merge(r, h.at, first)
}

// recognise finds the first hearing of a site's report; again is set when that was
// not this one.
func (in *Intake) recognise(h *deliveredRecord) (first *firstHearing, again bool) {
	r, content := h.report, contentID(h.report)
	if first = in.dedup.first(r.ID); first != nil {
		return first, true
	}
	if remembered(r) {
		first = in.dedup.byContent.get(content)
		if first == nil || !within(first.at, h.at, window(r)) {
			first = h.here
		}
		if first == nil {
			first = in.delivered.near(content, h.at, window(r))
		}
		if first != nil {
			if first.id != r.ID {
				in.dedup.alias(r.ID, first, r.ArrivedAt) // a hearing that names it means this one
			}
			return first, true
		}
	}
	first = &firstHearing{id: r.ID, link: r.Link, via: r.Via, at: h.at}
	in.dedup.alias(r.ID, first, r.ArrivedAt)
	if remembered(r) {
		in.delivered.add(content, first, window(r))
		if newest := in.dedup.byContent.get(content); newest == nil || newest.at.Before(h.at) {
			in.dedup.byContent.put(content, first, r.ArrivedAt)
		}
	}
	return first, false
}

// addHearing adds a hearing at a site of a report that it delivered before.
func (in *Intake) addHearing(d *Delivery, h *deliveredRecord, records []journal.Record) ([]journal.Record, error) {
	o := *h.hearing
	if first := in.dedup.first(o.Report); first != nil {
		o.Report = first.id
	}
	o.Link, o.Via = d.Site, pathVia(o.Link, o.Via)
	in.hearers.add(d.Site, o.Via)
	rec, err := journal.NewRecord(journal.KindHearing, HearingID(o.Report, o.Link, o.Via), d.At, o)
	return append(records, rec), err
}
