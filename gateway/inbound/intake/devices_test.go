package intake_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
)

// TestDevicesAreCounted: what each device sent, good and refused, over all links; and
// names that somebody makes up push out no device that ever said something good.
func TestDevicesAreCounted(t *testing.T) {
	t.Parallel()
	in := newIntake(open(t, t.TempDir()))
	bad := func(device devices.Identity, second int) intake.Heard {
		return intake.Heard{Link: "mqtt", Frame: devices.Frame{Raw: []byte("?"), Err: fmt.Errorf("not JSON %d", second), Report: devices.Report{
			Protocol: devices.OwnTracks, Device: device, ReceivedAt: start.Add(time.Duration(second) * time.Second),
		}}}
	}
	take := func(frames ...intake.Heard) {
		t.Helper()
		if err := in.Take(t.Context(), frames...); err != nil {
			t.Fatal(err)
		}
	}
	take(heard("roof", 0), heard("hill", 100), heard("roof", 5000), bad("owntracks:andi/phone", 1), bad("", 1))
	for i := range 50 {
		take(bad("owntracks:andi/phone", 2), bad("owntracks:andi/phone", 2+i/25))
	}
	got := in.Devices()
	want := []intake.DeviceLedger{
		{Device: "fleetsync:100-1001", LastLink: "roof", Received: 3, Stored: 2, Duplicates: 1, LastHeard: start.Add(5 * time.Second)},
		{Device: "owntracks:andi/phone", LastLink: "mqtt", Received: 101, Refused: 101, SetAside: 70, Shed: 31, LastReason: "not JSON 3", LastReasonAt: start.Add(3 * time.Second)},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for i := range 5100 {
		take(bad(devices.Identity(fmt.Sprintf("owntracks:made/up%d", i)), 10))
	}
	got = in.Devices()
	if len(got) != 5000 || got[0].Device != "fleetsync:100-1001" {
		t.Errorf("%d devices are counted, the first is %s", len(got), got[0].Device)
	}
}

// TestNothingIsCountedThatWasNotTaken: a frame that the disk would not take is offered
// again, and counts once.
func TestNothingIsCountedThatWasNotTaken(t *testing.T) {
	t.Parallel()
	in := newIntake(&broken{times: 3})
	for range 3 {
		if err := in.Take(t.Context(), heard("roof", 0)); !errors.Is(err, journal.ErrNoSpace) {
			t.Fatal(err)
		}
	}
	if got := in.Devices(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
