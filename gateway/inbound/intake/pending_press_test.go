package intake_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// full is a journal whose disk is full as long as is is set.
type full struct {
	*sqlite.Journal
	is atomic.Bool
}

func (f *full) Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error) {
	if f.is.Load() {
		return nil, journal.ErrNoSpace
	}
	return f.Journal.Append(ctx, records...)
}

// TestDiskFullSwallowsNoPress: a press that the journal would not take is not known. Whoever
// repeats it brings it to the journal, once, with its own time, whether it is offered again
// itself or was given up.
func TestDiskFullSwallowsNoPress(t *testing.T) {
	t.Parallel()
	burst := withSum("$PKLDS,122434,A,0649.9600,S,10813.6600,E,001.1,194.9,130226,19.20,W00,100,1001,13,00,*")
	for _, c := range []struct {
		name                 string
		before, failed, then []intake.Heard
		want                 []string
	}{
		{"a dial, given up", nil, []intake.Heard{dial("a", "committed", 0)},
			[]intake.Heard{dial("a", "committed", time.Minute), dial("a", "committed", 2*time.Minute)}, []string{"0s on_scene"}},
		{"a dial, offered again after its beacon", nil, []intake.Heard{dial("a", "committed", 0)},
			[]intake.Heard{dial("b", "committed", time.Minute), dial("a", "committed", 0)}, []string{"0s on_scene"}},
		{"a dial that stood elsewhere", []intake.Heard{dial("a", "special", -time.Hour)}, []intake.Heard{dial("a", "committed", 0), dial("a", "committed", time.Minute)},
			[]intake.Heard{dial("a", "committed", 2*time.Minute)}, []string{"-1h0m0s completed", "0s on_scene"}},
		{"a dial that was turned back", []intake.Heard{dial("a", "special", -time.Hour)}, []intake.Heard{dial("a", "committed", 0)},
			[]intake.Heard{dial("a", "special", 2*time.Minute), dial("a", "special", 3*time.Minute)}, []string{"-1h0m0s completed", "2m0s completed"}},
		{"a burst", nil, []intake.Heard{sentence("$PKLID,00,100,1001,13,00,*69", 0)},
			[]intake.Heard{sentence(burst, 300*time.Millisecond), sentence("$PKLID,00,100,1001,13,00,*69", 0)}, []string{"0s on_scene"}},
		{"a burst of which the first is given up", nil, []intake.Heard{sentence("$PKLID,00,100,1001,13,00,*69", 0)},
			[]intake.Heard{sentence(burst, 300*time.Millisecond)}, []string{"0s on_scene"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j := &full{Journal: open(t, t.TempDir())}
			in := newIntake(j)
			for _, h := range c.before {
				if err := in.Take(t.Context(), h); err != nil {
					t.Fatal(err)
				}
			}
			j.is.Store(true)
			for _, h := range c.failed {
				if in.Take(t.Context(), h) == nil {
					t.Fatal("taken without a journal")
				}
			}
			j.is.Store(false)
			for _, h := range c.then {
				if err := in.Take(t.Context(), h); err != nil {
					t.Fatal(err)
				}
			}
			expect(t, j.Journal, c.want...)
			if l := in.Total(); !l.Balanced() {
				t.Errorf("ledger %+v", l)
			}
		})
	}
}
