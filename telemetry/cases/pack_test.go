package cases

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"htgateway/telemetry"
)

func drawCase(t *rapid.T) Case {
	text := rapid.StringMatching(`[a-z 🚒]{0,8}`)
	// Also times and spans beyond eight packed bytes.
	nanos := rapid.OneOf(rapid.Int64Range(-1<<50, 1<<50), rapid.Int64Range(-1<<61, 1<<61), rapid.Int64Range(-200, 200))
	c := Case{Incident: text.Draw(t, "incident"), Category: text.Draw(t, "category"), District: text.Draw(t, "district"), Received: time.Unix(0, nanos.Draw(t, "call")).UTC()}
	for range rapid.IntRange(1, 4).Draw(t, "teams") {
		c.Teams = append(c.Teams, Team{text.Draw(t, "unit"), text.Draw(t, "agency")})
	}
	team := rapid.IntRange(0, len(c.Teams)-1)
	for range rapid.IntRange(0, 5).Draw(t, "milestones") {
		c.Milestones = append(c.Milestones, Milestone{
			Name: rapid.SampledFrom(append(milestoneWords, "new_word", "")).Draw(t, "name"), Team: team.Draw(t, "team"),
			At: nanos.Draw(t, "at"), Evidence: rapid.SampledFrom(append(evidenceWords, "stars")).Draw(t, "evidence"),
			Verdict: rapid.SampledFrom(append(verdictWords, "perhaps")).Draw(t, "verdict"), ByDevice: rapid.Bool().Draw(t, "device"),
			KnownAfter: nanos.Draw(t, "known"), WitnessAfter: nanos.Draw(t, "witness"), Confidence: rapid.SampledFrom([]float64{-1, 0, 0.25, 0.5, 1}).Draw(t, "confidence"),
		})
		m := &c.Milestones[len(c.Milestones)-1]
		m.Index = slices.Index(milestoneWords, m.Name)
	}
	for range rapid.IntRange(0, 5).Draw(t, "intervals") {
		c.Intervals = append(c.Intervals, Interval{
			Name: rapid.SampledFrom(append(intervalWords, "lunch")).Draw(t, "name"), Team: team.Draw(t, "team"),
			Ended: nanos.Draw(t, "ended"), Lasted: nanos.Draw(t, "lasted"), Limit: nanos.Draw(t, "limit"), Within: rapid.Bool().Draw(t, "within"),
			Contradictory: rapid.Bool().Draw(t, "contradictory"), Corrected: rapid.Bool().Draw(t, "corrected"), SupersededBefore: rapid.Bool().Draw(t, "superseded"), Unreported: rapid.Bool().Draw(t, "unreported"),
		})
		i := &c.Intervals[len(c.Intervals)-1]
		i.Index = slices.Index(intervalWords, i.Name)
	}
	return c
}

// TestPackedCaseComesBack: what is packed is unpacked the same, one after another
// into the same place.
func TestPackedCaseComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var u Unpacker
		var got Case
		for range 3 {
			want := drawCase(t)
			if err := u.Unpack(want.Pack(), &got); err != nil {
				t.Fatal(err)
			}
			if got.Incident != want.Incident || got.Category != want.Category || got.District != want.District || !got.Received.Equal(want.Received) ||
				!slices.Equal(got.Teams, want.Teams) || len(got.Milestones) != len(want.Milestones) || len(got.Intervals) != len(want.Intervals) {
				t.Fatalf("got %+v, want %+v", got, want)
			}
			for i := range want.Milestones {
				if !reflect.DeepEqual(got.Milestones[i], want.Milestones[i]) {
					t.Fatalf("got %+v, want %+v", got.Milestones[i], want.Milestones[i])
				}
			}
			for i := range want.Intervals {
				if !reflect.DeepEqual(got.Intervals[i], want.Intervals[i]) {
					t.Fatalf("got %+v, want %+v", got.Intervals[i], want.Intervals[i])
				}
			}
		}
	})
}

// FuzzUnpack: a damaged case is an error, never a panic or endless memory.
func FuzzUnpack(f *testing.F) {
	c := Case{Incident: "i1", Category: "fire", Received: time.Unix(1, 2), Milestones: []Milestone{{Name: "received", Confidence: 1}}, Intervals: []Interval{{Name: "travel"}}}
	f.Add([]byte(c.Pack()))
	f.Add([]byte{packedVersion, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		var u Unpacker
		var c Case
		if err := u.Unpack(b, &c); err == nil && len(c.Milestones)+len(c.Intervals) > len(b) {
			t.Errorf("%d bytes gave %d milestones and %d intervals", len(b), len(c.Milestones), len(c.Intervals))
		}
	})
}

// TestAnotherDistrictIsNoCorrection: an incident's place was corrected, its times were not.
func TestAnotherDistrictIsNoCorrection(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	interval := func(district string, seconds float64, old bool) telemetry.Point {
		return telemetry.Point{
			Measurement: telemetry.ResponseInterval, Time: at.Add(time.Duration(seconds) * time.Second),
			Tags:   []telemetry.Tag{{Key: "district", Value: district}, {Key: "incident", Value: "i1"}, {Key: "interval", Value: "response"}, {Key: "unit", Value: "d1"}},
			Fields: []telemetry.Field{{Key: "seconds", Value: seconds}, {Key: telemetry.SupersededField, Value: old}},
		}
	}
	call := telemetry.Point{
		Measurement: telemetry.IncidentMilestone, Time: at,
		Tags:   []telemetry.Tag{{Key: "district", Value: "Kadipaten"}, {Key: "incident", Value: "i1"}, {Key: "milestone", Value: "received"}},
		Fields: []telemetry.Field{{Key: telemetry.SupersededField, Value: false}},
	}
	c, found := Of([]telemetry.Point{call, interval("Majalengka", 300, true), interval("Majalengka", 600, true), interval("Kadipaten", 600, false)})
	if !found || len(c.Intervals) != 2 || !c.Intervals[0].SupersededBefore || c.Intervals[1].SupersededBefore {
		t.Errorf("intervals %+v", c.Intervals)
	}
}
