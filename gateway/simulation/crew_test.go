package simulation

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// TestTruthIsWhatHappens: whatever a crew presses, it leaves, stands at the place and is
// done in this order, each once, and stands within 45 m of the scene when it says so.
func TestTruthIsWhatHappens(t *testing.T) {
	t.Parallel()
	scene := orb.Point{108.2667, -6.7333}
	for seed := range uint64(40) {
		var out bytes.Buffer
		truth := NewTruth(&out)
		now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		c := newCrew(Teams()[0], seed, now)
		c.happened = func(milestone string, at time.Time) {
			truth.Note(Happened{Incident: c.incident, Unit: c.team.ID, Milestone: milestone, At: at})
			if off := geo.Distance(c.at, scene); milestone == "on_scene" && off > 45 {
				t.Errorf("seed %d: it stands %.0f m from the scene", seed, off)
			}
		}
		c.send(now, "i1", scene)
		left := false // the telephone at the post never moves
		for end := now.Add(2 * time.Hour); now.Before(end); now = now.Add(2 * time.Second) {
			for _, a := range c.step(now) {
				left = left || a.by == byLeft && geo.Distance(a.obs.point, c.team.Post) > 10
			}
		}
		var milestones []string
		last := time.Time{}
		for d := json.NewDecoder(&out); d.More(); {
			var h Happened
			if err := d.Decode(&h); err != nil {
				t.Fatal(err)
			}
			if h.Incident != "i1" || h.Unit != "damkar-1" || h.At.Before(last) {
				t.Errorf("seed %d: %+v after %s", seed, h, last)
			}
			milestones, last = append(milestones, h.Milestone), h.At
		}
		if len(milestones) != 3 || milestones[0] != "en_route" || milestones[1] != "on_scene" || milestones[2] != "completed" {
			t.Errorf("seed %d: %v", seed, milestones)
		}
		if left || truth.Err() != nil {
			t.Errorf("seed %d: the telephone at the post moved: %v; %v", seed, left, truth.Err())
		}
	}
}
