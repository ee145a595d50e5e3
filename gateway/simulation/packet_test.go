package simulation

import (
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/devices/protocol/kiss"
	"htgateway/devices/protocol/tetra"
)

// TestPacketsSayWhatWasMeant holds the simulated encoders to the real decoders.
func TestPacketsSayWhatWasMeant(t *testing.T) {
	t.Parallel()
	o := observation{at: time.Date(2026, 7, 1, 8, 9, 10, 0, time.UTC), point: orb.Point{108.2274, -6.8364}, speedMPS: 5, courseDeg: 90, lock: true}
	var tnc kiss.Decoder
	radio := tetra.NewDecoder()
	for _, c := range []struct {
		name   string
		frames []devices.Frame
		want   devices.Report
		within float64
	}{
		{"APRS position", tnc.Feed(aprsPosition("YB1ZZZ-9", o), o.at), devices.Report{Device: "aprs:YB1ZZZ-9", Kind: devices.KindPosition}, 1e-4},
		{"APRS message", tnc.Feed(aprsMessage("YB1ZZZ-9", "TIBA", 7), o.at), devices.Report{Device: "aprs:YB1ZZZ-9", Kind: devices.KindMessage, Text: "TIBA"}, 0},
		{"TETRA status", radio.Feed(tetraStatus("1100301", "8003"), o.at), devices.Report{Device: "tetra:1100301", Kind: devices.KindStatus, StatusCode: "32771"}, 0},
		{"TETRA position", radio.Feed(tetraPosition("1100301", o), o.at), devices.Report{Device: "tetra:1100301", Kind: devices.KindPosition}, 1e-4},
	} {
		if len(c.frames) != 1 || c.frames[0].Err != nil {
			t.Errorf("%s: %+v", c.name, c.frames)
			continue
		}
		r := c.frames[0].Report
		if r.Device != c.want.Device || r.Kind != c.want.Kind || r.Text != c.want.Text || r.StatusCode != c.want.StatusCode {
			t.Errorf("%s: %+v", c.name, r)
		}
		if c.within == 0 {
			continue
		}
		dx, dy := r.Fix.Point[0]-o.point[0], r.Fix.Point[1]-o.point[1]
		if dx*dx+dy*dy > c.within*c.within || r.Fix.SpeedMPS.Or(0) < 4.5 || r.Fix.CourseDeg.Or(0) != 90 {
			t.Errorf("%s: %+v", c.name, r.Fix)
		}
	}
}
