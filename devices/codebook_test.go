package devices_test

import (
	"testing"

	"htgateway/devices"
)

func TestInterpret(t *testing.T) {
	t.Parallel()
	book := devices.DefaultCodebook().With(devices.Codebook{"fleetsync": {"21": devices.StatusOnScene}})
	for _, c := range []struct {
		name      string
		report    devices.Report
		want      devices.Status
		emergency bool
	}{
		{"FleetSync 13", devices.Report{Device: "fleetsync:100-1001", StatusCode: "13"}, devices.StatusOnScene, false},
		{"FleetSync emergency", devices.Report{Device: "fleetsync:100-1001", StatusCode: "10"}, devices.StatusEmergency, true},
		{"position report's own code is no press", devices.Report{Device: "fleetsync:100-1001", StatusCode: "80"}, "", false},
		{"FleetSync man down", devices.Report{Device: "fleetsync:100-1001", StatusCode: "98"}, devices.StatusEmergency, true},
		{"FleetSync emergency mode", devices.Report{Device: "fleetsync:100-1001", StatusCode: "99"}, devices.StatusEmergency, true},
		{"end of an emergency is no press", devices.Report{Device: "fleetsync:100-1001", StatusCode: "88"}, "", false},
		{"stunned is no press", devices.Report{Device: "fleetsync:100-1001", StatusCode: "94"}, "", false},
		{"dPMR with leading zeros", devices.Report{Device: "nexedge:000000101", StatusCode: "0002"}, devices.StatusEnRoute, false},
		{"NEXEDGE position report", devices.Report{Device: "nexedge:00002", StatusCode: "207"}, "", false},
		{"TETRA", devices.Report{Device: "tetra:1", StatusCode: "32771"}, devices.StatusOnScene, false},
		{"a site's own code", devices.Report{Device: "fleetsync:100-1001", StatusCode: "21"}, devices.StatusOnScene, false},
		{"unmapped is kept", devices.Report{Device: "fleetsync:100-1001", StatusCode: "55"}, devices.StatusOther, false},
		{"key word", devices.Report{Device: "aprs:YB1ZZZ", Text: "tiba, di lokasi"}, devices.StatusOnScene, false},
		{"number word", devices.Report{Device: "aprs:YB1ZZZ", Text: "#2"}, devices.StatusEnRoute, false},
		{"plain words", devices.Report{Device: "aprs:YB1ZZZ", Text: "sudah makan"}, "", false},
		{"what the decoder knew stands", devices.Report{Device: "field:a", Status: devices.StatusReturning, Text: "TIBA"}, devices.StatusReturning, false},
	} {
		r := c.report
		book.Interpret(&r)
		if r.Status != c.want || r.Emergency != c.emergency {
			t.Errorf("%s: %q, emergency %v", c.name, r.Status, r.Emergency)
		}
	}
}
