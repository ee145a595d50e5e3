package desk_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident"
)

// kind is one kind of act on an incident: how it is done, with one of two bodies, and in
// which states it may be.
type kind struct {
	do  func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error)
	may []string
}

var states = []string{"received", "dispatched", "closed", "cancelled", "merged"}

func text(second bool) string {
	if second {
		return "alasan lain"
	}
	return "alasan"
}

func unit(second bool) []string {
	if second {
		return []string{"damkar-2"}
	}
	return []string{"damkar-1"}
}

// kinds are written from the procedure: what makes no sense on an incident that has ended
// is refused there, whoever asks with whatever key.
var kinds = map[string]kind{
	"dispatch": {func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error) {
		return o.Dispatch(o.Context(), c, in.ID, unit(second))
	}, []string{"received", "dispatched"}},
	"release": {func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error) {
		return o.Release(o.Context(), c, in.ID, []string{"damkar-1"}, text(second))
	}, []string{"dispatched"}},
	"review": {func(o *office, c incident.Actor, in incident.Incident, _ bool) (incident.Incident, error) {
		return o.Review(o.Context(), c, in.ID)
	}, []string{"received", "dispatched"}},
	"note": {func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error) {
		return o.Note(o.Context(), c, in.ID, text(second))
	}, states},
	"correct": {func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error) {
		return o.Correct(o.Context(), c, in.ID, desk.Correction{Milestone: incident.Received, At: in.ReceivedAt, Reason: text(second)})
	}, states},
	"relocate": {func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error) {
		return o.Relocate(o.Context(), c, in.ID, incident.Location{Lat: -6.83, Lon: 108.22}, text(second))
	}, states},
	"erase": {func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error) {
		return o.EraseCaller(o.Context(), c, in.ID, text(second))
	}, states},
	"close": {func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error) {
		return o.Close(o.Context(), c, in.ID, text(second))
	}, []string{"received", "dispatched"}},
	"cancel": {func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error) {
		return o.Cancel(o.Context(), c, in.ID, text(second))
	}, []string{"received", "dispatched"}},
	"reopen": {func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error) {
		return o.Reopen(o.Context(), c, in.ID, text(second))
	}, []string{"closed", "cancelled", "merged"}},
	"merge": {func(o *office, c incident.Actor, in incident.Incident, second bool) (incident.Incident, error) {
		return o.Merge(o.Context(), c, in.ID, in.Description, text(second))
	}, []string{"received", "dispatched"}},
}

// TestActsByStateAndKey does each act in each state without a key, with a key, and again
// with it: in the same words, in others, by another person, and after a restart.
func TestActsByStateAndKey(t *testing.T) {
	t.Parallel()
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			survivor := o.opened("received")
			again := map[string]incident.Incident{}
			for _, state := range states {
				for _, key := range []string{"", "k 1"} {
					in := o.opened(state)
					in.Description = survivor.ID // where merge finds the other
					c := siti(key)
					if key != "" {
						c.Key += state
					}
					before := len(o.acts())
					got, err := k.do(o, c, in, false)
					if may := slices.Contains(k.may, state); may != (err == nil) {
						t.Fatalf("%s with key %q: %v", state, key, err)
					}
					if err != nil {
						if !errors.Is(err, incident.ErrConflict) || len(o.acts()) != before {
							t.Fatalf("%s with key %q: %v, and %d acts more", state, key, err, len(o.acts())-before)
						}
						if now, _ := o.fold.Incident(in.ID); now.Status != state || !now.ClosedAt.Equal(in.ClosedAt) {
							t.Fatalf("%s was refused, and the incident is %s, closed at %v, not %v", state, now.Status, now.ClosedAt, in.ClosedAt)
						}
						continue
					}
					if key == "" {
						continue
					}
					o.pass(3 * time.Second)
					same, err := k.do(o, c, in, false)
					if err != nil || same.ID != got.ID || same.Status != got.Status || !same.ClosedAt.Equal(got.ClosedAt) || len(o.acts()) != before+1 {
						t.Fatalf("%s, the same again: %v, %s %v, not %s %v, %d acts", state, err, same.Status, same.ClosedAt, got.Status, got.ClosedAt, len(o.acts())-before)
					}
					if name != "review" { // which has no body
						if _, err := k.do(o, c, in, true); !errors.Is(err, incident.ErrInvalid) || len(o.acts()) != before+1 {
							t.Fatalf("%s, another body under the key: %v", state, err)
						}
					}
					again[state] = in
				}
			}
			o.restart()
			before := len(o.acts())
			for state, in := range again {
				c := siti("k 1" + state)
				if _, err := k.do(o, c, in, false); err != nil {
					t.Errorf("%s, the same after a restart: %v", state, err)
				}
				if _, err := k.do(o, c, in, true); name != "review" && !errors.Is(err, incident.ErrInvalid) {
					t.Errorf("%s, another body after a restart: %v", state, err)
				}
			}
			if n := len(o.acts()); n != before {
				t.Errorf("%d acts more", n-before)
			}
		})
	}
}

// TestDispatchRacesClose: of a closing and dispatches at once each either comes before the
// closing or is refused; and who leaves in the middle does not let another between.
func TestDispatchRacesClose(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range 20 {
		in := o.opened("received")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if i%3 == 0 {
					go cancel()
				}
				var err error
				if i%2 == 0 {
					_, err = o.Dispatch(ctx, siti(""), in.ID, unit(i%4 == 0))
				} else {
					_, err = o.Close(ctx, siti(""), in.ID, "")
				}
				if err != nil && !errors.Is(err, incident.ErrConflict) && !errors.Is(err, incident.ErrNotStored) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		closed := 0
		var at time.Time
		for _, a := range o.acts() {
			if a.Incident != in.ID {
				continue
			}
			if !a.At.After(at) {
				t.Fatalf("%s at %v stands before what came before it, %v", a.Kind, a.At, at)
			}
			at = a.At
			if closed > 0 {
				t.Fatalf("%s after the closing", a.Kind)
			}
			if a.Kind == incident.ActClose {
				closed++
			}
		}
	}
}
