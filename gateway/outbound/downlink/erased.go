package downlink

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// erasedWhy is why a message whose text was forgotten is not sent any more.
const erasedWhy = "teks dihapus / the text was erased"

// Erase ends the messages whose text says what is forgotten: clean returns what is left of
// it. Nothing of them is sent any more, nor written about them than that.
func (d *Downlink) Erase(ctx context.Context, clean func(message, text string) string) error {
	d.editing.Lock() // what is being written is in the journal then, and found there
	d.edits = append(d.edits, clean)
	d.editing.Unlock()
	d.mu.Lock()
	var over []journal.Delivery
	for _, r := range d.radios {
		for _, e := range slices.Clone(r.queue.orders) {
			left := clean(e.Message, e.Text)
			if left == e.Text {
				continue
			}
			e.erased, e.left = true, left // also in what is written of an attempt that is under way
			r.queue.remove(e.id())
			over = append(over, *r.queue.outcome(e, journal.DeliveryFailed, erasedWhy, d.o.Now().UTC()))
		}
	}
	d.mu.Unlock()
	if len(over) == 0 {
		return nil
	}
	return d.record(ctx, over...)
}

// append journals what became of a message, without what was forgotten since it was sent.
func (d *Downlink) append(ctx context.Context, out journal.Delivery) error {
	d.editing.RLock()
	defer d.editing.RUnlock()
	for _, clean := range d.edits {
		out.Text, out.Why = clean(out.Message, out.Text), clean(out.Message, out.Why)
	}
	rec, err := journal.NewRecord(journal.KindDelivery,
		"d"+journal.Digest(out.Message, out.Unit, out.State, strconv.Itoa(out.Attempt), out.At.Format(time.RFC3339Nano)), out.At, out)
	if err != nil {
		return err
	}
	_, err = d.journal.Append(ctx, rec)
	return err
}

// erased tells whether a message's text was forgotten: it is history.
func erased(act *incident.Act) bool { return strings.Contains(act.Text, incident.Erased) }
