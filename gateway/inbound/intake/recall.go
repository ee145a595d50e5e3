package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

const (
	// recallWhole is how many of the newest entries are recalled wholly: who heard what
	// just now. Of older ones only what lasts: settings and deliveries.
	recallWhole = 50_000
	recallStep  = 5000
)

// Recall brings what is remembered up to the journal's newest entry: from the checkpoint
// where there is one that belongs to the journal, and from the entries since, all of them
// without one. After a crash at whatever moment an unmoved dial is then no press, and a
// message that is delivered again no new report. It can be called again, as by a gateway
// that stands by, until the first frame was taken.
func (in *Intake) Recall(ctx context.Context) error {
	in.recalling.Lock()
	defer in.recalling.Unlock()
	if in.isLive() {
		return nil
	}
	last, err := in.journal.Last(ctx)
	if err != nil {
		return fmt.Errorf("cannot recall what was heard: %w", err)
	}
	whole := last - min(last, recallWhole)
	if !in.began {
		in.recalled = in.resume(ctx, last)
		in.recalled, in.began = min(in.recalled, whole), true
	}
	newest, err := in.journal.Read(ctx, last-min(last, 1), 1)
	if err != nil {
		return fmt.Errorf("cannot recall what was heard: %w", err)
	}
	if len(newest) == 0 {
		return nil
	}
	since := newest[0].JournaledAt.Add(-2 * rememberDeliveries)
	for in.recalled < last {
		entries, err := in.journal.Read(ctx, in.recalled, recallStep)
		if err != nil {
			return fmt.Errorf("cannot recall what was heard after entry %d: %w", in.recalled, err)
		}
		if len(entries) == 0 {
			return nil
		}
		taken, err := in.recallEntries(entries, whole, since)
		if err != nil || !taken {
			return err
		}
	}
	return nil
}

func (in *Intake) isLive() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.live
}

// recallEntries takes the next entries. It is false once frames are taken, of which the
// intake knows by itself.
func (in *Intake) recallEntries(entries []journal.Entry, whole uint64, since time.Time) (bool, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.live {
		return false, nil
	}
	for _, e := range entries {
		in.times.add(e)
		in.recalled, in.upTo = e.Seq, entryMark{e.Seq, e.ID, e.JournaledAt.UnixNano()}
		var err error
		switch {
		case e.Seq > whole:
			err = in.recall(e)
		case e.Kind == journal.KindReport && lasts(e, since):
			var r *devices.Report
			if r, err = journal.Decode[devices.Report](e); err == nil {
				in.settings.recall(r)
				in.dedup.recallDelivery(r)
			}
		}
		if err != nil {
			return false, fmt.Errorf("cannot recall what was heard: %w", err)
		}
	}
	return true, nil
}

// lasts tells whether a report's body may hold something that is remembered however many
// came since: a setting, or the mark of a delivery. No text can hold these bytes.
func lasts(e journal.Entry, since time.Time) bool {
	return bytes.Contains(e.Body, []byte(`"standing":`)) ||
		e.JournaledAt.After(since) && bytes.Contains(e.Body, []byte(`"delivery":`))
}

// recall takes an entry wholly.
func (in *Intake) recall(e journal.Entry) error {
	switch e.Kind {
	case journal.KindHearing:
		var h devices.Hearing
		if json.Unmarshal(e.Body, &h) == nil {
			in.hearers.add(h.Link, h.Via)
		}
	case journal.KindReport:
		r, err := journal.Decode[devices.Report](e)
		if err != nil {
			return err
		}
		in.settings.recall(r)
		in.bursts.recall(r)
		if r.Site != "" {
			in.delivered.recall(r)
		} else {
			in.dedup.recall(r)
		}
	}
	return nil
}
