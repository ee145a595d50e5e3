package incident

import (
	"encoding/json"
	"fmt"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// Event is one journal entry as the tracker takes it: a report, an act or what follows from
// one.
type Event struct {
	// Seq is the journal's number of the entry.
	Seq    uint64
	Report *devices.Report
	Act    *Act
	// Delivery is what became of a message to a unit; the journal holds each once.
	Delivery *journal.Delivery
	// Alarm is a step of an alarm about a clock; the journal holds each once.
	Alarm *journal.Alarm
	// Enrolment is a change of the roster.
	Enrolment *Enrolment
	// ID is the entry's.
	ID string
}

// EventOf decodes a journal entry. The second result is false for entries that
// are no business of the tracker: second hearings, refused bytes, link events.
func EventOf(e journal.Entry) (Event, bool, error) {
	ev := Event{Seq: e.Seq, ID: e.ID}
	switch e.Kind {
	case journal.KindReport:
		var err error
		if ev.Report, err = journal.Decode[devices.Report](e); err != nil {
			return Event{}, false, err
		}
	case journal.KindAct:
		ev.Act = new(Act)
		if err := json.Unmarshal(e.Body, ev.Act); err != nil {
			return Event{}, false, fmt.Errorf("cannot decode act %q of entry %d: %w", e.ID, e.Seq, err)
		}
	case journal.KindDelivery:
		ev.Delivery = new(journal.Delivery)
		if err := json.Unmarshal(e.Body, ev.Delivery); err != nil {
			return Event{}, false, fmt.Errorf("cannot decode delivery %q of entry %d: %w", e.ID, e.Seq, err)
		}
	case journal.KindAlarm:
		ev.Alarm = new(journal.Alarm)
		if err := json.Unmarshal(e.Body, ev.Alarm); err != nil {
			return Event{}, false, fmt.Errorf("cannot decode alarm %q of entry %d: %w", e.ID, e.Seq, err)
		}
	case journal.KindEnrolment:
		ev.Enrolment = new(Enrolment)
		if err := json.Unmarshal(e.Body, ev.Enrolment); err != nil {
			return Event{}, false, fmt.Errorf("cannot decode enrolment %q of entry %d: %w", e.ID, e.Seq, err)
		}
	default:
		return Event{}, false, nil
	}
	return ev, true, nil
}
