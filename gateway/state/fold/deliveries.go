package fold

import (
	"cmp"
	"slices"
	"strings"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// deliveriesKept is how many messages are remembered of one unit, the newest.
const deliveriesKept = 20

// deliveries is what became of the newest messages to each unit: the last step of
// each, so that a page that was loaded anew shows it too.
type deliveries map[string][]journal.Delivery // by unit, oldest first

// note takes the steps among updates. A step that was taken before changes nothing
// that comes after it: folding again gives the same.
func (d deliveries) note(updates []incident.Update) {
	for _, u := range updates {
		if u.Kind != incident.UpdateDelivery || u.Delivery == nil {
			continue
		}
		step, own := *u.Delivery, d[u.Delivery.Unit]
		at := slices.IndexFunc(own, func(x journal.Delivery) bool { return x.Message == step.Message })
		if at >= 0 {
			step.Text = cmp.Or(step.Text, own[at].Text)
			own[at] = step
			continue
		}
		own = append(own, step)
		if len(own) > deliveriesKept {
			own = slices.Clone(own[len(own)-deliveriesKept:])
		}
		d[step.Unit] = own
	}
}

// Deliveries returns the last known step of the newest messages to each unit, the
// newest step first.
func (f *Fold) Deliveries() []journal.Delivery {
	f.mu.RLock()
	defer f.mu.RUnlock()
	out := []journal.Delivery{}
	for _, own := range f.sent {
		out = append(out, own...)
	}
	slices.SortFunc(out, func(a, b journal.Delivery) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Message, b.Message), strings.Compare(a.Unit, b.Unit))
	})
	return out
}
