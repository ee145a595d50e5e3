package devices_test

import (
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/geo"
)

func TestReportWritesAsEncodingJSON(t *testing.T) {
	t.Parallel()
	devicestest.FilledWriteAsEncodingJSON[devices.Report](t)
	for _, wild := range []devices.Report{
		{DeviceTime: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Fix: &geo.Fix{Time: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}},
	} {
		if _, err := wild.AppendJSON(nil); err == nil {
			t.Errorf("%+v is written without an error", wild)
		}
		devicestest.WritesAsEncodingJSON(t, &wild)
	}
}
