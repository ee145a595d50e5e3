package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident"
)

// handled makes an incident of 10:00 (WIB): damkar-1 sent at 10:01, on the scene at 10:16,
// which is a breach of row 9, completed at 10:20, closed at 10:21.
func (o *office) handled() incident.Incident {
	o.Helper()
	in := o.opened("received")
	var err error
	do := func(act func() (incident.Incident, error)) {
		if err == nil {
			in, err = act()
		}
	}
	do(func() (incident.Incident, error) { return o.Dispatch(o.Context(), siti(""), in.ID, unit(false)) })
	o.pass(19 * time.Minute)
	for _, m := range []struct {
		name incident.MilestoneName
		at   time.Duration
	}{{incident.OnScene, 16 * time.Minute}, {incident.Completed, 20 * time.Minute}} {
		do(func() (incident.Incident, error) {
			return o.Correct(o.Context(), siti(""), in.ID, desk.Correction{Milestone: m.name, Unit: "damkar-1", At: began.Add(m.at), Reason: "suara"})
		})
	}
	o.pass(time.Minute)
	do(func() (incident.Incident, error) { return o.Close(o.Context(), siti(""), in.ID, "") })
	if err != nil {
		o.Fatal(err)
	}
	o.pass(time.Minute)
	return in
}

// TestCorrections: what cannot be is refused, what looks like a slip is asked for twice.
func TestCorrections(t *testing.T) {
	t.Parallel()
	m := time.Minute
	for _, c := range []struct {
		name      string
		milestone incident.MilestoneName
		at        time.Duration // after the call
		refused   string
		doubts    []string
	}{
		{"an arrival between sending and completing", incident.OnScene, 9 * m, "", nil},
		{"the very second of the dispatch", incident.OnScene, m, "", nil},
		{"before the call", incident.OnScene, -m, "before the call", nil},
		{"the day before", incident.OnScene, -24 * time.Hour, "before the call", nil},
		{"sent before the call", incident.Dispatched, -m, "before the call", nil},
		{"closed before the call", incident.Closed, -m, "before the call", nil},
		{"tomorrow", incident.OnScene, 24 * time.Hour, "in the future", nil},
		{"in an hour", incident.Completed, 81 * m, "in the future", nil},
		{"an arrival before the dispatch", incident.OnScene, 30 * time.Second, "", []string{desk.DoubtBeforeDispatch}},
		{"an arrival after the completion", incident.OnScene, 20*m + 5*time.Second, "", []string{desk.DoubtOutOfOrder}},
		{"an arrival after all was closed", incident.OnScene, 21*m + 5*time.Second, "", []string{desk.DoubtOutOfOrder, desk.DoubtOutOfOrder}},
		{"completed before the arrival", incident.Completed, 15 * m, "", []string{desk.DoubtOutOfOrder}},
		{"sent after the arrival", incident.Dispatched, 17 * m, "", []string{desk.DoubtOutOfOrder}},
		{"closed before the unit was done", incident.Closed, 18 * m, "", []string{desk.DoubtOutOfOrder}},
		{"received after the dispatch", incident.Received, 2 * m, "", []string{desk.DoubtOutOfOrder}},
		{"received earlier", incident.Received, -5 * m, "", nil},
		{"received the day before", incident.Received, -11 * time.Hour, "", []string{desk.DoubtOtherDay}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			in := o.handled()
			k := desk.Correction{Milestone: c.milestone, At: began.Add(c.at), Reason: "rekaman"}
			if c.milestone != incident.Received && c.milestone != incident.Closed {
				k.Unit = "damkar-1"
			}
			before := len(o.acts())
			_, err := o.Correct(t.Context(), siti("k"), in.ID, k)
			if c.refused != "" {
				for _, k.Confirm = range []bool{false, true} {
					if _, err := o.Correct(t.Context(), siti("k"), in.ID, k); !errors.Is(err, incident.ErrInvalid) || !strings.Contains(err.Error(), c.refused) {
						t.Errorf("%v", err)
					}
				}
				return
			}
			var unconfirmed *desk.UnconfirmedError
			if errors.As(err, &unconfirmed) != (len(c.doubts) > 0) {
				t.Fatalf("%v, want %v", err, c.doubts)
			}
			if unconfirmed == nil {
				return
			}
			var doubts []string
			for _, d := range unconfirmed.Doubts {
				doubts = append(doubts, d.Code)
			}
			if !slices.Equal(doubts, c.doubts) || !errors.Is(err, incident.ErrConflict) || len(unconfirmed.Effects) == 0 || len(o.acts()) != before {
				t.Errorf("%v, %d effects, %d acts more", unconfirmed.Doubts, len(unconfirmed.Effects), len(o.acts())-before)
			}
			k.Confirm = true
			for range 2 {
				got, err := o.Correct(t.Context(), siti("k"), in.ID, k)
				if err != nil || len(o.acts()) != before+1 {
					t.Fatalf("confirmed: %v, %d acts more", err, len(o.acts())-before)
				}
				if !slices.ContainsFunc(got.Milestones, func(m incident.Milestone) bool { return m.Name == k.Milestone && m.At.Equal(k.At) }) {
					t.Errorf("%+v", got.Milestones)
				}
			}
		})
	}
}

// TestCorrectionsEffectIsWhatComes: what is said before is what stands after.
func TestCorrectionsEffectIsWhatComes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := o.handled()
	k := desk.Correction{Milestone: incident.OnScene, Unit: "damkar-1", At: began.Add(30 * time.Second), Reason: "rekaman"}
	_, err := o.Correct(t.Context(), siti(""), in.ID, k)
	var unconfirmed *desk.UnconfirmedError
	if !errors.As(err, &unconfirmed) {
		t.Fatal(err)
	}
	said := map[string]desk.Effect{}
	for _, e := range unconfirmed.Effects {
		said[e.Name] = e
	}
	row9 := said["on_scene_update"]
	if row9.Before == nil || row9.Before.State != "breached" || row9.Before.Seconds != 900 || row9.After == nil || row9.After.State != "contradictory" {
		t.Errorf("%+v %+v", row9.Before, row9.After)
	}
	if !strings.HasPrefix(row9.Text, "SOP 9 on_scene_update damkar-1: dilanggar 15m0s menjadi bertentangan") {
		t.Error(row9.Text)
	}
	k.At, k.Milestone = began.Add(18*time.Minute), incident.Dispatched
	_, err = o.Correct(t.Context(), siti(""), in.ID, k)
	if errors.As(err, &unconfirmed); len(unconfirmed.Effects) == 0 || !slices.ContainsFunc(unconfirmed.Effects, func(e desk.Effect) bool {
		return e.Name == "call_processing" && e.Before.Seconds == 60 && e.After.Seconds == 18*60
	}) {
		t.Errorf("%v", err)
	}
	// SOP row 9 met by a date's slip: an arrival a day after, in an incident that is open.
	open := o.opened("dispatched")
	o.pass(26 * time.Hour)
	_, err = o.Correct(t.Context(), siti(""), open.ID, desk.Correction{Milestone: incident.OnScene, Unit: "damkar-1", At: open.ReceivedAt.Add(24*time.Hour + 5*time.Minute), Reason: "suara"})
	if !errors.As(err, &unconfirmed) || unconfirmed.Doubts[0].Code != desk.DoubtOtherDay {
		t.Errorf("%v", err)
	}
	for _, e := range unconfirmed.Effects {
		if e.Name == "on_scene_update" && (e.Before.State != "breached" || e.After.State != "breached" || e.After.Seconds != (24*time.Hour+4*time.Minute).Seconds()) {
			t.Errorf("%+v %+v", e.Before, e.After)
		}
	}
}

// TestNightIsOneDay: a call before midnight and an arrival after it are no slip.
func TestNightIsOneDay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.pass(13*time.Hour + 50*time.Minute) // 23:50 WIB
	in := o.opened("dispatched")
	o.pass(time.Hour)
	if _, err := o.Correct(t.Context(), siti(""), in.ID, desk.Correction{Milestone: incident.OnScene, Unit: "damkar-1", At: in.ReceivedAt.Add(20 * time.Minute), Reason: "suara"}); err != nil {
		t.Error(err)
	}
}

// TestCorrectionOfAUnitSentTwice is held against the assignment in which the time falls.
func TestCorrectionOfAUnitSentTwice(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := o.opened("dispatched") // received at 0, sent at 1 min, now 2 min
	o.pass(8 * time.Minute)
	_, err := o.Release(t.Context(), siti(""), in.ID, unit(false), "")
	o.pass(10 * time.Minute)
	if err == nil {
		_, err = o.Dispatch(t.Context(), siti(""), in.ID, unit(false)) // again at 20 min
	}
	o.pass(20 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Duration{5 * time.Minute, 30 * time.Minute} {
		if _, err := o.Correct(t.Context(), siti(""), in.ID, desk.Correction{Milestone: incident.OnScene, Unit: "damkar-1", At: began.Add(at), Reason: "suara"}); err != nil {
			t.Errorf("an arrival after %v: %v", at, err)
		}
	}
	// The completion at 25 min is after the first arrival, and before the one that is meant.
	_, err = o.Correct(t.Context(), siti(""), in.ID, desk.Correction{Milestone: incident.Completed, Unit: "damkar-1", At: began.Add(25 * time.Minute), Reason: "suara"})
	var unconfirmed *desk.UnconfirmedError
	if !errors.As(err, &unconfirmed) || len(unconfirmed.Doubts) != 1 || unconfirmed.Doubts[0].Code != desk.DoubtOutOfOrder {
		t.Errorf("completed before the second arrival: %v", err)
	}
}
