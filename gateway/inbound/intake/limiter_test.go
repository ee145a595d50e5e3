package intake_test

import (
	"errors"
	"fmt"
	"testing"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
)

// refused is a frame that a device sent and that cannot be read.
func refused(device, account string, n int) intake.Heard {
	return intake.Heard{
		Frame: devices.Frame{Raw: fmt.Appendf(nil, "x%d", n), Err: errors.New("not JSON"), Report: devices.Report{
			Protocol: devices.FieldJSON, Device: devices.Identity(device), ReceivedAt: start,
		}},
		Link: "embedded", Account: account,
	}
}

// TestAFloodCostsItsOwnDeviceOnly: all in one second, on one link.
func TestAFloodCostsItsOwnDeviceOnly(t *testing.T) {
	t.Parallel()
	in := newIntake(open(t, t.TempDir()))
	var frames []intake.Heard
	for i := range 100 {
		frames = append(frames, refused("field:flood", "flood", i))
	}
	frames = append(frames, refused("field:a", "a", 0), refused("field:b", "", 0))
	for i := range 500 { // names that nobody vouches for
		frames = append(frames, refused(fmt.Sprintf("field:invented-%d", i), "", i))
	}
	frames = append(frames, refused("field:c", "c", 0))
	if err := in.Take(t.Context(), frames...); err != nil {
		t.Fatal(err)
	}
	kept := map[devices.Identity]uint64{}
	var invented uint64
	for _, d := range in.Devices() {
		kept[d.Device] = d.SetAside
		if len(d.Device) > len("field:flood") {
			invented += d.SetAside
		}
	}
	if kept["field:flood"] != 20 || kept["field:a"] != 1 || kept["field:b"] != 1 || kept["field:c"] != 1 || invented != 199 {
		t.Errorf("kept %d of the flood, %d %d %d of the others, %d of the invented", kept["field:flood"], kept["field:a"], kept["field:b"], kept["field:c"], invented)
	}
	if l := in.Ledger("embedded"); !l.Balanced() || l.Received != uint64(len(frames)) {
		t.Errorf("%+v", l)
	}
}
