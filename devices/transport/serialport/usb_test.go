package serialport

import (
	"strings"
	"testing"

	"go.bug.st/serial/enumerator"
)

func TestUSBAdapterIsFound(t *testing.T) {
	t.Parallel()
	plugged := []*enumerator.PortDetails{
		{Name: "/dev/ttyS0"},
		{Name: "/dev/ttyUSB0", IsUSB: true, VID: "0403", PID: "6001", SerialNumber: "A50285BI"},
		{Name: "/dev/ttyUSB1", IsUSB: true, VID: "067b", PID: "2303"},
		{Name: "/dev/ttyUSB3", IsUSB: true, VID: "0403", PID: "6001", SerialNumber: "A6008isP"},
	}
	for _, c := range []struct {
		name, pattern string
		usb           USB
		want, problem string
	}{
		{"by serial number", "", USB{Serial: "A6008isP"}, "/dev/ttyUSB3", ""},
		{"by vendor and product", "", USB{Vendor: "067B", Product: "2303"}, "/dev/ttyUSB1", ""},
		{"leading zero left out", "/dev/ttyUSB3", USB{Vendor: "403"}, "/dev/ttyUSB3", ""},
		{"not there", "", USB{Serial: "X"}, "", "USB adapter with serial number X is not there"},
		{"two that fit", "", USB{Vendor: "0403", Product: "6001"}, "", "/dev/ttyUSB0 and /dev/ttyUSB3"},
		{"narrowed by a pattern", "/dev/ttyUSB[01]", USB{Vendor: "0403"}, "/dev/ttyUSB0", ""},
	} {
		got, err := c.usb.find(c.pattern, func() ([]*enumerator.PortDetails, error) { return plugged, nil })
		if got != c.want || (err == nil) != (c.problem == "") || err != nil && !strings.Contains(explain(err), c.problem) {
			t.Errorf("%s: %q %v, want %q %q", c.name, got, err, c.want, c.problem)
		}
	}
}
