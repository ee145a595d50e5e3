package intake_test

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/fieldjson"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
)

// TestFaultClockStepped: the gateway's clock is set an hour ahead or back and later set
// right, and the gateway begins anew in between. Every message and every key is stored
// once, in the order in which it came, with the device's own time as it was sent; what
// a phone sends again is known as the same, from before the step too.
func TestFaultClockStepped(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(step.String(), func(t *testing.T) {
			t.Parallel()
			const messages, stepped, anew, right = 60, 20, 30, 40
			place := t.TempDir()
			var now atomic.Int64
			j := openAt(t, place, &now)
			in := newIntake(j)
			var clocks []time.Time
			keys := 0
			for n := range messages {
				clock := start.Add(time.Duration(n) * time.Second)
				if n >= stepped && n < right {
					clock = clock.Add(step)
				}
				now.Store(clock.UnixNano())
				if n == anew {
					if err := j.Close(); err != nil {
						t.Fatal(err)
					}
					j = openAt(t, place, &now)
					in = newIntake(j)
					if err := in.Recall(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				// At each turn all that was sent until then comes again first.
				if n == stepped || n == anew || n == right {
					for again := range n {
						if err := in.Take(t.Context(), message(again, clock, true)); err != nil {
							t.Fatal(err)
						}
					}
				}
				frames := []intake.Heard{message(n, clock, false)}
				if n%10 == 5 {
					key := heard("roof", 0)
					key.Report.ReceivedAt = clock
					frames = append(frames, key)
					keys++
				}
				clocks = append(clocks, clock)
				if err := in.Take(t.Context(), frames...); err != nil {
					t.Fatal(err)
				}
			}
			if l := in.Total(); !l.Balanced() || l.Duplicates != anew+right {
				t.Errorf("ledger of the second life %+v", l)
			}
			checkSteppedJournal(t, j, clocks, keys)
		})
	}
}

// message is the n-th of a phone that sends one a second by its own right clock. Every
// other one tells its time.
func message(n int, received time.Time, again bool) intake.Heard {
	payload := fmt.Sprintf(`{"text":"message %d"}`, n)
	if n%2 == 0 {
		payload = fmt.Sprintf(`{"text":"message %d","time":%q}`, n, start.Add(time.Duration(n)*time.Second).Format(time.RFC3339))
	}
	r, err := fieldjson.Decode("htgateway/devices/psc1/report", []byte(payload), received)
	r.ReceivedAt, r.Delivery = received, fmt.Sprintf("mqtt:psc1/%d", n+1)
	return intake.Heard{Frame: devices.Frame{Raw: []byte(payload), Report: r, Err: err}, Link: "mqtt", Redelivered: again}
}

func checkSteppedJournal(t *testing.T, j journal.Journal, clocks []time.Time, keys int) {
	t.Helper()
	entries, err := j.Read(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	for _, e := range entries {
		var r devices.Report
		if err := json.Unmarshal(e.Body, &r); err != nil {
			t.Fatal(err)
		}
		if e.Kind != journal.KindReport {
			t.Errorf("entry %d is of kind %s: %s", e.Seq, e.Kind, e.Body)
			continue
		}
		if r.Text == "" {
			keys--
			continue
		}
		if next >= len(clocks) || r.Text != fmt.Sprintf("message %d", next) {
			t.Fatalf("entry %d is %q where message %d is due", e.Seq, r.Text, next)
		}
		if !r.ReceivedAt.Equal(clocks[next]) || !e.JournaledAt.Equal(clocks[next]) {
			t.Errorf("%s: received %v, journaled %v; the clock said %v", r.Text, r.ReceivedAt, e.JournaledAt, clocks[next])
		}
		if sent := start.Add(time.Duration(next) * time.Second); next%2 == 0 && !r.DeviceTime.Equal(sent) {
			t.Errorf("%s: device time %v, sent %v", r.Text, r.DeviceTime, sent)
		}
		next++
	}
	if next != len(clocks) || keys != 0 {
		t.Errorf("%d messages of %d stored; %d keys too few", next, len(clocks), keys)
	}
}
