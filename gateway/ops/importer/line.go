package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"htgateway/devices"
	"htgateway/gateway/http/signin"
	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/procedure"
	"htgateway/gateway/journal"
)

// line is one line of an exported journal.
type line struct {
	// Seq is the entry's number where it comes from; the order is kept, and the entries are
	// numbered anew from 1.
	Seq         *uint64         `json:"seq"`
	ID          string          `json:"id"`
	Kind        journal.Kind    `json:"kind"`
	At          time.Time       `json:"at"`
	JournaledAt time.Time       `json:"journaled_at"`
	Body        json.RawMessage `json:"body"`
}

// parseLine reads a line and holds it to what a gateway would have journaled.
func parseLine(text []byte) (line, error) {
	var l line
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return l, fmt.Errorf("it is no entry of a journal: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return l, errors.New("something stands behind the entry")
	}
	switch {
	case l.ID == "":
		return l, errors.New("it has no id")
	case !storable(l.At):
		return l, errors.New("it has no time (at) that a journal can hold")
	case !l.JournaledAt.IsZero() && !storable(l.JournaledAt):
		return l, errors.New("journaled_at is no time that a journal can hold")
	case l.Seq != nil && *l.Seq == 0:
		return l, errors.New("seq is 0; entries count from 1")
	}
	if l.JournaledAt.IsZero() {
		l.JournaledAt = l.At
	}
	if err := checkBody(l); err != nil {
		return l, fmt.Errorf("%s %q: %w", l.Kind, l.ID, err)
	}
	return l, nil
}

// storable tells whether a time can be kept as nanoseconds since 1970.
func storable(t time.Time) bool { return t.Year() > 1677 && t.Year() < 2262 }

// errOtherID: the fold would take two such entries for one.
var errOtherID = errors.New("its body has another id")

// checkBody holds a body to what its kind is.
func checkBody(l line) error {
	if trimmed := bytes.TrimSpace(l.Body); len(trimmed) == 0 || trimmed[0] != '{' {
		return errors.New("its body is no JSON object")
	}
	switch l.Kind {
	case journal.KindReport:
		var r devices.Report
		return check(l, &r, func() error {
			switch {
			case r.ID != l.ID:
				return errOtherID
			case r.ReceivedAt.IsZero():
				return errors.New("a report needs received_at")
			}
			return nil
		})
	case journal.KindAct:
		var a incident.Act
		return check(l, &a, func() error { return checkAct(l.ID, &a) })
	case journal.KindEnrolment:
		var a enrolment.Act
		return check(l, &a, func() error {
			switch {
			case a.ID != l.ID:
				return errOtherID
			case a.At.IsZero() || a.Unit == "" && a.Kind != enrolment.Configure:
				return errors.New("an enrolment needs at and unit")
			}
			return nil
		})
	case journal.KindProcedure:
		var s procedure.Seen
		return check(l, &s, func() error {
			if s.At.IsZero() {
				return errors.New("a procedure needs at, when it was first seen")
			}
			return nil
		})
	case journal.KindAlarm:
		var a journal.Alarm
		return check(l, &a, func() error {
			if a.ID == "" || a.Step < 1 || a.Incident == "" {
				return errors.New("an alarm needs id, step and incident")
			}
			return nil
		})
	case journal.KindHearing:
		var h devices.Hearing
		return check(l, &h, func() error {
			if h.Report == "" {
				return errors.New("a hearing needs the report that was heard")
			}
			return nil
		})
	case journal.KindDelivery:
		var d journal.Delivery
		return check(l, &d, func() error {
			if d.Message == "" || d.State == "" {
				return errors.New("a delivery needs message and state")
			}
			return nil
		})
	case journal.KindUnparsed:
		return check(l, new(journal.Unparsed), nil)
	case journal.KindLink:
		return check(l, new(journal.LinkEvent), nil)
	case journal.KindSignIn:
		return check(l, new(signin.Attempt), nil)
	}
	return errors.New("there is no such kind of entry")
}

// check decodes a body and asks what else it has to be.
func check(l line, into any, whole func() error) error {
	if err := json.Unmarshal(l.Body, into); err != nil {
		return fmt.Errorf("cannot decode its body: %w", err)
	}
	if whole == nil {
		return nil
	}
	return whole()
}

func checkAct(id string, a *incident.Act) error {
	switch {
	case a.ID != id:
		return errOtherID
	case a.At.IsZero():
		return errors.New("an act needs at")
	}
	switch a.Kind {
	case incident.ActOpen:
		if a.Opening == nil {
			return errors.New("an opening act needs opening")
		}
	case incident.ActDispatch, incident.ActRelease:
		if len(a.Units) == 0 {
			return errors.New("it names no units")
		}
	case incident.ActCorrect:
		if a.Milestone == "" || a.MilestoneAt.IsZero() {
			return errors.New("a correction needs milestone and milestone_at")
		}
	case incident.ActMerge:
		if a.Into == "" {
			return errors.New("a merger needs into")
		}
	case incident.ActAckAlert, incident.ActMessage:
		return nil // these need no incident
	case incident.ActReview, incident.ActNote, incident.ActRelocate, incident.ActClose, incident.ActCancel, incident.ActReopen, incident.ActErase:
	default:
		return fmt.Errorf("%q is no act", a.Kind)
	}
	if a.Incident == "" {
		return errors.New("it names no incident")
	}
	return nil
}
