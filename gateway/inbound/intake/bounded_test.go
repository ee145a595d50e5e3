package intake_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// nowhere is a journal that keeps nothing.
type nowhere struct{ n uint64 }

func (j *nowhere) Append(_ context.Context, records ...journal.Record) ([]journal.Result, error) {
	j.n += uint64(len(records))
	return make([]journal.Result, len(records)), nil
}
func (*nowhere) Read(context.Context, uint64, int) ([]journal.Entry, error) { return nil, nil }
func (j *nowhere) Last(context.Context) (uint64, error)                     { return j.n, nil }

// TestMadeUpNamesAreBounded: names that somebody makes up, dials, keypads and the devices of
// one phone's user alike, fill nothing, and push out no radio that is heard now and then.
func TestMadeUpNamesAreBounded(t *testing.T) {
	t.Parallel()
	air := &recorder{}
	in := newIntake(air)
	at := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	takeAll(t, in, dial("a", "committed", -2*time.Hour), dial("a", "committed", -time.Hour))
	const names = 12_000
	for n := range names {
		report := func(p devices.Protocol, device string) devices.Report {
			return devices.Report{Protocol: p, Device: devices.Identity(fmt.Sprint(device, n)), Kind: devices.KindStatus, StatusCode: "13", ReceivedAt: at(n), Raw: fmt.Append(nil, n)}
		}
		made := []devices.Report{report(devices.APRS, "aprs:YB"), report(devices.Kenwood, "fleetsync:100-"), report(devices.OwnTracks, "owntracks:andi/")}
		made[0].Standing = true
		for _, r := range made {
			if err := in.Take(t.Context(), intake.Heard{Frame: devices.Frame{Raw: r.Raw, Report: r}, Link: "air"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, r := range in.Remembered() {
		if r.Now > r.Most || r.Most > 200_000 {
			t.Errorf("%s: %d of %d", r.What, r.Now, r.Most)
		}
	}
	if n := len(in.Devices()); n != 5000 {
		t.Errorf("%d devices are counted", n)
	}
	if got := in.Devices(); got[0].Device != "aprs:YB0TST-9" || got[0].Stored != 2 {
		t.Errorf("the radio that was heard twice is not counted any more, but %+v", got[0])
	}
	takeAll(t, in, dial("a", "committed", 0))
	if last := air.changes[len(air.changes)-1]; last != devices.ChangeUnmoved {
		t.Errorf("the dial that nobody moved is %q", last)
	}
}

// sameWords is a delivery of beacons that say the same, one each half minute.
func sameWords(tb testing.TB, from, n int) intake.Delivery {
	tb.Helper()
	d := intake.Delivery{Site: "ciremai", ClockS: geo.Measured(0)}
	for i := from; i < from+n; i++ {
		d.At = start.Add(time.Duration(i) * 30 * time.Second)
		r := devices.Report{ID: fmt.Sprint("r", i), Protocol: devices.Kenwood, Kind: devices.KindPosition, Device: "fleetsync:102-1001", Link: "hill", ReceivedAt: d.At, Raw: []byte("$PKNSH,....V")}
		rec, err := journal.NewRecord(journal.KindReport, r.ID, d.At, &r)
		if err != nil {
			tb.Fatal(err)
		}
		d.Records = append(d.Records, rec)
	}
	return d
}

// BenchmarkDeliver: a report of a site costs the same however many said the same before,
// and however many names were heard.
func BenchmarkDeliver(b *testing.B) {
	for _, before := range []int{2_000, 200_000} {
		b.Run(fmt.Sprint("same words after ", before), func(b *testing.B) {
			in := newIntake(&nowhere{})
			for n := 0; n < before; n += 1000 {
				if err := in.Deliver(b.Context(), sameWords(b, n, 1000)); err != nil {
					b.Fatal(err)
				}
			}
			next := sameWords(b, before, b.N)
			b.ResetTimer()
			for i := range next.Records {
				d := next
				d.Records, d.At = next.Records[i:i+1], next.Records[i].At
				if err := in.Deliver(b.Context(), d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTakeAfterNames: neither does a frame cost more after many names.
func BenchmarkTakeAfterNames(b *testing.B) {
	for _, before := range []int{2_000, 200_000} {
		b.Run(fmt.Sprint("after ", before), func(b *testing.B) {
			in := newIntake(&nowhere{})
			take := func(n int) {
				r := devices.Report{Protocol: devices.APRS, Device: devices.Identity(fmt.Sprint("aprs:YB", n)), Kind: devices.KindStatus, Standing: true, StatusCode: "committed", ReceivedAt: start.Add(time.Duration(n) * time.Second), Raw: fmt.Append(nil, n)}
				if err := in.Take(b.Context(), intake.Heard{Frame: devices.Frame{Raw: r.Raw, Report: r}, Link: "air"}); err != nil {
					b.Fatal(err)
				}
			}
			for n := range before {
				take(n)
			}
			b.ResetTimer()
			for i := range b.N {
				take(before + i)
			}
		})
	}
}
