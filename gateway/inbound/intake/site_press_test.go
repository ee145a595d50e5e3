package intake_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
)

// TestSitesRepetitionsAreNoPresses: what a site heard is the same presses at the centre,
// however late, in whatever order and how often it is delivered, also when the centre
// begins again in the middle, from a site of this version and of an older one.
func TestSitesRepetitionsAreNoPresses(t *testing.T) {
	t.Parallel()
	beacons := func(message string) (out []intake.Heard) {
		for i := range 5 {
			out = append(out, dial("hill", message, time.Duration(i)*time.Minute))
		}
		return out
	}
	burst := []intake.Heard{
		sentence("$PKLID,00,100,1001,13,00,*69", 0),
		sentence(withSum("$PKLDS,122434,A,0649.9600,S,10813.6600,E,001.1,194.9,130226,19.20,W00,100,1001,13,00,*"), 300*time.Millisecond),
		sentence("$PKLID,00,100,1001,13,00,*69", 5*time.Second),
	}
	turned := append(beacons("committed"), dial("hill", "special", 5*time.Minute), dial("hill", "special", 6*time.Minute), dial("hill", "committed", 7*time.Minute))
	text := []intake.Heard{packet("hill", "YB1ZZZ>APRS:>TIBA", 0), packet("hill", "YB1ZZZ>APRS:>TIBA", time.Minute), packet("hill", "YB1ZZZ>APRS:>TIBA", time.Hour)}
	orders := map[string]func(*centre, []journal.Record, time.Duration){
		"at once": func(c *centre, r []journal.Record, at time.Duration) { c.deliver(r, at) },
		"one by one": func(c *centre, r []journal.Record, at time.Duration) {
			for i := range r {
				c.deliver(r[i:i+1], at)
			}
		},
		"backwards": func(c *centre, r []journal.Record, at time.Duration) {
			for i := range r {
				c.deliver(r[len(r)-1-i:len(r)-i], at)
			}
		},
		"twice": func(c *centre, r []journal.Record, at time.Duration) { c.deliver(r, at); c.deliver(r, at) },
		"with a restart in the middle": func(c *centre, r []journal.Record, at time.Duration) {
			c.deliver(r[:len(r)/2], at)
			c.restart()
			c.deliver(r, at)
			c.restart()
			c.deliver(r, at+time.Hour)
		},
	}
	for _, c := range []struct {
		name  string
		heard []intake.Heard
		want  []string
	}{
		{"a dial that beacons", beacons("committed"), []string{"0s on_scene"}},
		{"a dial at emergency", beacons("emergency"), []string{"0s emergency"}},
		{"a dial that is turned", turned, []string{"0s on_scene", "5m0s completed", "7m0s on_scene"}},
		{"a status text", text, []string{"0s on_scene"}},
		{"a burst under two headers, pressed twice", burst, []string{"0s on_scene", "5s on_scene"}},
	} {
		records := siteOf(t, c.heard...)
		for version, records := range map[string][]journal.Record{"this version": records, "an older version": old(t, records)} {
			for order, deliver := range orders {
				for _, late := range []time.Duration{2 * time.Second, 7 * 24 * time.Hour} {
					t.Run(fmt.Sprint(c.name, ", ", version, ", ", order, ", ", late), func(t *testing.T) {
						t.Parallel()
						to := newCentre(t)
						deliver(to, records, c.heard[len(c.heard)-1].Report.ReceivedAt.Sub(start)+late)
						expect(t, to.j, c.want...)
					})
				}
			}
		}
	}
}

// TestNeverInterpretedIsInterpreted: reports of a site that gave their codes no meaning
// get it from the centre's codebook, and repetitions among them are none.
func TestNeverInterpretedIsInterpreted(t *testing.T) {
	t.Parallel()
	records := siteOf(t, dial("hill", "committed", 0), dial("hill", "committed", time.Minute), heard("hill", 120_000))
	for i, rec := range records {
		var r devices.Report
		if err := json.Unmarshal(rec.Body, &r); err != nil {
			t.Fatal(err)
		}
		r.Status, r.Change, r.Assurance = "", "", ""
		plain, err := journal.NewRecord(rec.Kind, rec.ID, rec.At, &r)
		if err != nil {
			t.Fatal(err)
		}
		records[i] = plain
	}
	c := newCentre(t)
	c.deliver(records, 24*time.Hour)
	expect(t, c.j, "0s on_scene", "2m0s on_scene")
}

// TestOneRadioHeardByManyIsOnePress: the centre and a site hear the same radio.
func TestOneRadioHeardByManyIsOnePress(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	last := withSum("$PKLDS,122434,A,0649.9600,S,10813.6600,E,001.1,194.9,130226,19.20,W00,100,1001,13,00,*")
	for _, c := range []struct {
		name       string
		here, site []intake.Heard
		late       time.Duration
		want       []string
	}{
		{
			"every beacon", []intake.Heard{dial("roof", "committed", 0), dial("roof", "committed", time.Minute)},
			[]intake.Heard{dial("hill", "committed", 300*time.Millisecond), dial("hill", "committed", time.Minute+300*time.Millisecond)}, 7 * day, []string{"0s on_scene"},
		},
		{
			"a dial that the centre knew to stand there", []intake.Heard{dial("roof", "committed", -3*time.Hour), dial("roof", "committed", -2*time.Hour)},
			[]intake.Heard{dial("hill", "committed", 0), dial("hill", "committed", time.Minute)}, 7 * day, []string{"-3h0m0s on_scene"},
		},
		{
			"both saw it turned, at different beacons",
			[]intake.Heard{dial("roof", "special", -10*time.Minute), dial("roof", "committed", 0)},
			[]intake.Heard{dial("hill", "special", -9*time.Minute), dial("hill", "committed", time.Minute)}, day, []string{"-10m0s completed", "0s on_scene"},
		},
		{
			"one header here, one there", []intake.Heard{sentence("$PKLID,00,100,1001,13,00,*69", 0)}, []intake.Heard{sentence(last, 300*time.Millisecond)}, 7 * day, []string{"0s on_scene"},
		},
		{
			"one header here, one there, at once", []intake.Heard{sentence("$PKLID,00,100,1001,13,00,*69", 0)}, []intake.Heard{sentence(last, 300*time.Millisecond)}, time.Second, []string{"0s on_scene"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			to := newCentre(t)
			to.take(c.here...)
			to.deliver(siteOf(t, c.site...), time.Minute+c.late)
			expect(t, to.j, c.want...)
		})
	}
}

// TestHeadersOfOneBurstMeetLate: the two headers of a burst come from two sites, or one of
// them a week after the other and many keys later.
func TestHeadersOfOneBurstMeetLate(t *testing.T) {
	t.Parallel()
	second := siteOf(t, sentence(withSum("$PKLDS,122434,A,0649.9600,S,10813.6600,E,001.1,194.9,130226,19.20,W00,100,1001,13,00,*"), 300*time.Millisecond))
	sites := newCentre(t)
	sites.deliverFrom("ciremai", siteOf(t, sentence("$PKLID,00,100,1001,13,00,*69", 0)), time.Hour)
	sites.restart()
	sites.deliverFrom("cakrabuana", second, 24*time.Hour)
	expect(t, sites.j, "0s on_scene")

	keys := newCentre(t)
	want := []string{"0s on_scene"}
	keys.take(sentence("$PKLID,00,100,1001,13,00,*69", 0))
	for i := range 30 {
		at := time.Duration(i+1) * time.Hour
		keys.take(sentence("$PKLID,00,100,1001,13,00,*69", at))
		want = append(want, at.String()+" on_scene")
	}
	keys.deliver(second, 7*24*time.Hour)
	slices.Sort(want)
	expect(t, keys.j, want...)
}

// TestTurnedAndBackBeforeTheCentreKnew: keys go before what waits. The newest press of a
// dial is not lost since the centre knows nothing yet of where it stood in between.
func TestTurnedAndBackBeforeTheCentreKnew(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	c.take(dial("roof", "committed", -3*time.Hour))
	records := siteOf(t, dial("hill", "special", -20*time.Minute), dial("hill", "committed", 0))
	c.deliver(records[1:], time.Minute)
	c.restart()
	c.deliver(records, 2*time.Minute)
	expect(t, c.j, "-20m0s completed", "-3h0m0s on_scene", "0s on_scene")
}
