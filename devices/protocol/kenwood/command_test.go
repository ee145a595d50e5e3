package kenwood_test

import (
	"errors"
	"strings"
	"testing"

	"htgateway/devices"
	"htgateway/devices/protocol/kenwood"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func() ([]byte, error)
		want string
		err  error
	}{
		{"FleetSync text", func() ([]byte, error) { return kenwood.Text("fleetsync:102-1001", "MOHON UPDATE") }, "\x02F1021001MOHON UPDATE\x03", nil},
		{"NEXEDGE text", func() ([]byte, error) { return kenwood.Text("nexedge:00103", "OK") }, "\x02gFU00103OK\x03", nil},
		{"framing bytes in a text", func() ([]byte, error) { return kenwood.Text("nexedge:00103", "a\x03b\x02é") }, "\x02gFU00103a?b??\x03", nil},
		{"long text", func() ([]byte, error) { return kenwood.Text("fleetsync:102-1001", strings.Repeat("x", 49)) }, "\x02G1021001" + strings.Repeat("x", 49) + "\x03", nil},
		{"poll", func() ([]byte, error) { return kenwood.Poll("fleetsync:102-1001") }, "\x02R31021001\x03", nil},
		{"NEXEDGE poll", func() ([]byte, error) { return kenwood.Poll("nexedge:00103") }, "\x02gR3U00103\x03", nil},
		{"no text", func() ([]byte, error) { return kenwood.Text("fleetsync:102-1001", " ") }, "", kenwood.ErrText},
		{"endless text", func() ([]byte, error) { return kenwood.Text("fleetsync:102-1001", strings.Repeat("x", 2000)) }, "", kenwood.ErrText},
		{"another family", func() ([]byte, error) { return kenwood.Text("tetra:123", "x") }, "", kenwood.ErrAddressee},
		{"id with framing", func() ([]byte, error) { return kenwood.Poll(devices.Identity("fleetsync:102-10\x03")) }, "", kenwood.ErrAddressee},
	} {
		got, err := c.make()
		if string(got) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q %v, want %q %v", c.name, got, err, c.want, c.err)
		}
	}
}
