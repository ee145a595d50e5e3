package serialport

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"go.bug.st/serial/enumerator"
)

// USB names an adapter by what it is; empty fields are not compared.
type USB struct {
	// Serial is the adapter's serial number, compared as a whole.
	Serial string
	// Vendor and Product are four hexadecimal digits each, as lsusb prints them.
	Vendor, Product string
}

// String names the adapter for a technician.
func (u USB) String() string {
	var parts []string
	for _, p := range []struct{ name, value string }{{"serial number", u.Serial}, {"vendor", u.Vendor}, {"product", u.Product}} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	return "USB adapter with " + strings.Join(parts, ", ")
}

func (u USB) fits(d *enumerator.PortDetails) bool {
	same := func(want, got string) bool {
		return want == "" || strings.EqualFold(strings.TrimLeft(want, "0"), strings.TrimLeft(got, "0"))
	}
	return d.IsUSB && (u.Serial == "" || u.Serial == d.SerialNumber) && same(u.Vendor, d.VID) && same(u.Product, d.PID)
}

// Find returns the device under which the adapter is plugged in now; a pattern that
// is not empty narrows the names. Two that fit are refused.
func (u USB) Find(pattern string) (string, error) {
	return u.find(pattern, func() ([]*enumerator.PortDetails, error) { return enumerator.GetDetailedPortsList() })
}

// find returns the device under which the adapter is plugged in now. Two that fit
// are refused: the wrong one might be another radio.
func (u USB) find(pattern string, list func() ([]*enumerator.PortDetails, error)) (string, error) {
	details, err := list()
	if err != nil {
		return "", fmt.Errorf("cannot list the serial ports: %w", err)
	}
	var names []string
	for _, d := range details {
		if !u.fits(d) {
			continue
		}
		if fits, err := filepath.Match(pattern, d.Name); pattern != "" && (err != nil || !fits) {
			continue
		}
		names = append(names, d.Name)
	}
	switch len(names) {
	case 0:
		return "", &openError{device: u.String(), err: fs.ErrNotExist}
	case 1:
		return names[0], nil
	}
	return "", fmt.Errorf("%s fits %s: name the one by usb_serial", u, strings.Join(names, " and "))
}
