package erasure

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// Subject is an incident whose caller is forgotten.
type Subject struct {
	Incident string
	// Acts are the ids of the acts about it and about all that it was ever merged with.
	Acts []string
	// Callers are those that are known beside the journal, which may have forgotten them
	// already.
	Callers []string
}

// Finding is what says in a journal who called about some incidents:
//   - every act about the incident and what it was merged with: notes, reasons, openings;
//   - the reason of any acknowledgement that holds a name or number of the caller;
//   - the text of every message to a unit that was on one of these incidents, as a whole,
//     and of any other that holds a name or number, and what became of each;
//   - frames and files that were refused and hold one.
//
// Looked at is what was journaled since a day before the first act.
type Finding struct {
	Redactions []incident.Redaction
	// related are the incidents, with the redactions that they are looked through for.
	related map[string][]int
	// naming are entries that say who called by themselves, others all others; both have
	// their new bodies. numbers are those of all entries of which updates may say so, in
	// order, also when they themselves do not any more.
	naming, others []journal.Entry
	numbers        []uint64
	// texts are those of the messages that are forgotten as a whole.
	texts []string
}

// before is how long before the first act about an incident a caller may have been
// named: in a message of a CAD that was refused.
const before = 24 * time.Hour

// Find looks through a journal.
func Find(ctx context.Context, j Journal, subjects []Subject) (*Finding, error) {
	s := &search{subjects: subjects, related: map[string][]int{}, callers: make([][]string, len(subjects)), found: Finding{related: map[string][]int{}}, orders: map[string][]*incident.Act{}}
	first, err := s.known(ctx, j)
	if err != nil || first.Seq == 0 || !s.named() {
		return s.finding(), err
	}
	from, err := firstSince(ctx, j, first)
	if err != nil {
		return nil, err
	}
	if err := eachEntryAfter(ctx, j, from-1, s.take); err != nil {
		return nil, fmt.Errorf("cannot find what names a caller: %w", err)
	}
	return s.finding(), nil
}

// search is a finding in the making.
type search struct {
	subjects []Subject
	callers  [][]string       // by subject
	related  map[string][]int // incidents, with the subjects that they belong to
	acts     []*incident.Act  // of the subjects' own
	// orders are the acts that send units or take them off, by unit; messages and
	// deliveries wait until it is known which of them count.
	orders     map[string][]*incident.Act
	messages   []message
	deliveries []delivery
	found      Finding
}

type message struct {
	entry journal.Entry
	act   *incident.Act
}

type delivery struct {
	entry journal.Entry
	body  *journal.Delivery
}

// known reads the acts that are named by their ids, and returns the first of them.
func (s *search) known(ctx context.Context, j Journal) (first journal.Entry, err error) {
	for i, subject := range s.subjects {
		s.relate(subject.Incident, i)
		var own []*incident.Act
		for _, id := range subject.Acts {
			e, found, err := j.Find(ctx, id)
			if err != nil {
				return first, fmt.Errorf("cannot find act %q: %w", id, err)
			}
			if !found || e.Kind != journal.KindAct {
				continue
			}
			act, err := journal.Decode[incident.Act](e)
			if err != nil {
				return first, err
			}
			if first.Seq == 0 || e.Seq < first.Seq {
				first = e
			}
			if act.Incident == subject.Incident {
				own = append(own, act)
			}
			s.relate(act.Incident, i)
			s.relate(act.Into, i)
		}
		callers := append(incident.Callers(own), subject.Callers...)
		slices.SortStableFunc(callers, func(a, b string) int { return len(b) - len(a) })
		s.callers[i] = slices.Compact(callers)
	}
	return first, nil
}

func (s *search) relate(id string, subject int) {
	if id != "" && !slices.Contains(s.related[id], subject) {
		s.related[id] = append(s.related[id], subject)
	}
}

// named tells whether anybody is named still.
func (s *search) named() bool {
	return slices.ContainsFunc(s.callers, func(c []string) bool { return len(c) > 0 })
}

// without takes all callers out of a text.
func (s *search) without(text string) string {
	for _, c := range s.callers {
		text = incident.WithoutCallers(text, c)
	}
	return text
}

// take looks at one entry.
func (s *search) take(e journal.Entry) error {
	switch e.Kind {
	case journal.KindAct:
		return s.takeAct(e)
	case journal.KindDelivery:
		d, err := journal.Decode[journal.Delivery](e)
		if err == nil && d.Text+d.Why != "" {
			s.deliveries = append(s.deliveries, delivery{e, d})
		}
		return err
	case journal.KindUnparsed:
		u, err := journal.Decode[journal.Unparsed](e)
		if err != nil {
			return err
		}
		clean := *u
		clean.Raw, clean.Reason = []byte(withoutIn(string(u.Raw), s.without)), withoutIn(u.Reason, s.without)
		if string(clean.Raw) != string(u.Raw) || clean.Reason != u.Reason {
			return s.rewrite(e, &clean, false)
		}
	}
	return nil
}

func (s *search) takeAct(e journal.Entry) error {
	act, err := journal.Decode[incident.Act](e)
	if err != nil {
		return err
	}
	switch act.Kind {
	case incident.ActMessage:
		if act.Text != "" {
			s.messages = append(s.messages, message{e, act})
		}
		return nil
	case incident.ActDispatch, incident.ActRelease:
		for _, unit := range act.Units {
			s.orders[unit] = append(s.orders[unit], act)
		}
	}
	subjects := s.related[act.Incident]
	if act.Kind == incident.ActAckAlert {
		for i := range s.subjects { // of whatever incident
			if !slices.Contains(subjects, i) {
				subjects = append(slices.Clone(subjects), i)
			}
		}
	}
	clean, naming := act, false
	for _, i := range subjects {
		own := s.subjects[i].Incident == act.Incident
		if own {
			naming = naming || len(incident.Callers([]*incident.Act{act})) > 0
			clean, _ = clean.Without(s.callers[i])
		} else {
			clean, _ = clean.WithoutOthers(s.callers[i])
		}
	}
	if len(subjects) > 0 && act.Kind != incident.ActAckAlert {
		s.acts = append(s.acts, act)
	}
	if act.Kind == incident.ActAckAlert {
		s.note(e, clean.Reason)
	}
	if clean == act {
		return nil
	}
	return s.rewrite(e, clean, naming)
}

// rewrite gives an entry another body.
func (s *search) rewrite(e journal.Entry, body any, naming bool) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("cannot encode %s %q: %w", e.Kind, e.ID, err)
	}
	e.Body = text
	if naming {
		s.found.naming = append(s.found.naming, e)
	} else {
		s.found.others = append(s.found.others, e)
	}
	return nil
}

// text takes all callers out of a text that may hold others, as JSON does.
func (f *Finding) text(text string) string {
	return withoutIn(text, func(text string) string {
		for _, whole := range f.texts {
			if len(whole) >= shortestMessage {
				text = strings.ReplaceAll(text, whole, incident.Erased)
			}
		}
		for _, r := range f.Redactions {
			text = incident.WithoutCallers(text, r.Callers)
		}
		return text
	})
}

// shortestMessage is the shortest text of a message, in bytes, that is sought as a whole in
// dead letters and files: a shorter one says nothing of anybody.
const shortestMessage = 12

// firstSince is the number of the first entry that was journaled at most so long before
// another.
func firstSince(ctx context.Context, j Journal, e journal.Entry) (uint64, error) {
	since, low, high := e.JournaledAt.Add(-before), uint64(1), e.Seq
	for low < high {
		middle := low + (high-low)/2
		entries, err := j.Read(ctx, middle-1, 1)
		if len(entries) == 1 && entries[0].JournaledAt.Before(since) {
			low = middle + 1
		} else if err == nil || len(entries) == 1 {
			high = middle
		} else {
			return 1, ctx.Err() // a damaged entry: in doubt all are looked at
		}
	}
	return low, nil
}
