package desk_test

import (
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

func polygon() *incident.Polygon {
	return &incident.Polygon{Type: "Polygon", Coordinates: []orb.Ring{{{108.22, -6.84}, {108.24, -6.84}, {108.24, -6.82}, {108.22, -6.82}, {108.22, -6.84}}}}
}

// devicesReport is a stranger's call for help.
func devicesReport(id string, at time.Time) devices.Report {
	return devices.Report{ID: id, Protocol: devices.Kenwood, Kind: devices.KindStatus, Device: "fleetsync:102-9999", Link: "roof", ReceivedAt: at, Status: devices.StatusEmergency, Emergency: true}
}

// TestClockSetBack sets the gateway's clock back between acts, by a little and by hours,
// with and without a restart: what was done last is what holds.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	for _, back := range []time.Duration{time.Millisecond, 10 * time.Second, time.Hour, 7 * time.Hour} {
		for _, restart := range []bool{false, true} {
			t.Run(back.String(), func(t *testing.T) {
				t.Parallel()
				o := newOffice(t)
				in := o.opened("closed")
				closed := in.ClosedAt
				o.pass(-back - time.Minute)
				if restart {
					o.restart()
				}
				in, err := o.Reopen(t.Context(), siti(""), in.ID, "belum padam")
				if err != nil || in.Status != "dispatched" {
					t.Fatalf("reopened: %v %s", err, in.Status)
				}
				in, err = o.Close(t.Context(), siti(""), in.ID, "")
				if err != nil || in.Status != "closed" || !in.ClosedAt.After(closed) || in.ClosedAt.Sub(closed) > time.Second {
					t.Fatalf("closed again: %v %s at %v, first at %v", err, in.Status, in.ClosedAt, closed)
				}
				acts := o.acts()
				last := acts[len(acts)-1]
				if far := back > 2*time.Minute; far != !last.ClockAt.IsZero() || far && !last.ClockAt.Equal(o.time()) {
					t.Errorf("the clock showed %v, the act says %v", o.time(), last.ClockAt)
				}
				if far, said := back > 2*time.Minute, o.Status(); far != (len(said) == 1) {
					t.Errorf("the desk says %+v", said)
				}
				// What is new has the right time, not that of the wrong hour.
				fresh, err := o.Open(t.Context(), siti(""), fire)
				if err != nil || back > 2*time.Minute && !fresh.ReceivedAt.Equal(o.time()) {
					t.Errorf("a new call: %v, received at %v, it is %v", err, fresh.ReceivedAt, o.time())
				}
			})
		}
	}
}

// TestClockSetBackBetweenDispatches: the unit is where it was sent last.
func TestClockSetBackBetweenDispatches(t *testing.T) {
	t.Parallel()
	for _, back := range []time.Duration{5 * time.Second, 9 * time.Minute} {
		for _, restart := range []bool{false, true} {
			o := newOffice(t)
			second := o.opened("received")
			first := o.opened("dispatched")
			o.pass(-back - time.Minute)
			if restart {
				o.restart()
			}
			if _, err := o.Dispatch(t.Context(), siti(""), second.ID, []string{"damkar-1"}); err != nil {
				t.Fatal(err)
			}
			if u, _ := o.fold.UnitByID("damkar-1"); u.Incident != second.ID {
				t.Errorf("set back by %v: the unit is on %q, sent last to %q, before to %q", back, u.Incident, second.ID, first.ID)
			}
			if acts := o.acts(); !acts[len(acts)-1].At.After(acts[len(acts)-2].At) {
				t.Errorf("set back by %v: sent first at %v, then at %v", back, acts[len(acts)-2].At, acts[len(acts)-1].At)
			}
		}
	}
}

// TestClockSetBackBetweenIncidents: acts on two incidents stand in the order in which they were
// made, by a clock that is set back a little; what it showed need not be kept.
func TestClockSetBackBetweenIncidents(t *testing.T) {
	t.Parallel()
	for _, restart := range []bool{false, true} {
		o := newOffice(t)
		second := o.opened("received")
		first := o.opened("received")
		for _, id := range []string{first.ID, second.ID} {
			if _, err := o.Note(t.Context(), siti(""), id, "catatan"); err != nil {
				t.Fatal(err)
			}
			o.pass(-30 * time.Second)
			if restart {
				o.restart()
			}
		}
		acts := o.acts()
		before, last := acts[len(acts)-2], acts[len(acts)-1]
		if after := last.At.Sub(before.At); after <= 0 || after > time.Second || !last.ClockAt.IsZero() {
			t.Errorf("noted at %v, then at %v (the clock showed %v)", before.At, last.At, last.ClockAt)
		}
	}
}

// TestHoursAheadEnd: once the clock has passed the wrong hour nothing is said any more, and
// a unit that was sent in it goes by the clock meanwhile.
func TestHoursAheadEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	second := o.opened("received")
	o.opened("dispatched")
	o.pass(-7 * time.Hour)
	in, err := o.Open(t.Context(), siti(""), fire)
	if err == nil {
		in, err = o.Dispatch(t.Context(), siti(""), in.ID, []string{"damkar-1"})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range in.Milestones {
		if m.Name == incident.Dispatched && m.At.Sub(o.time()) > time.Second {
			t.Errorf("sent at %v, it is %v", m.At, o.time())
		}
	}
	if len(o.Status()) != 1 {
		t.Errorf("%+v", o.Status())
	}
	o.pass(8 * time.Hour)
	if len(o.Status()) != 0 {
		t.Errorf("%+v", o.Status())
	}
	if _, err := o.Review(t.Context(), siti(""), second.ID); err != nil {
		t.Fatal(err)
	}
	acts := o.acts()
	if last := acts[len(acts)-1]; !last.At.Equal(o.time()) || !last.ClockAt.IsZero() {
		t.Errorf("%+v, it is %v", last, o.time())
	}
}
