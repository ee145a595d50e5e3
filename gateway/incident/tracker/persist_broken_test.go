package tracker

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
	"htgateway/geo"
)

// TestBrokenFixesAreRefused: a state is not resumed when a block of fixes in it is broken,
// rather than found to be when the first late fix comes.
func TestBrokenFixesAreRefused(t *testing.T) {
	t.Parallel()
	tr := New(incident.Settings{Roster: []incident.Unit{{ID: "damkar-1", Devices: []devices.Identity{"fleetsync:102-1001"}}}})
	for n := range 100 {
		at := dayBegan.Add(time.Duration(n) * time.Minute)
		tr.Apply(incident.Event{Report: &devices.Report{
			ID: fmt.Sprint("r", n), Device: "fleetsync:102-1001", Kind: devices.KindPosition, ReceivedAt: at, DeviceTime: at,
			Fix: &geo.Fix{Point: centre, Time: at},
		}})
	}
	if err := New(tr.settings).Resume(tr.AppendState(nil)); err != nil {
		t.Fatal(err)
	}
	packed := reflect.ValueOf(&tr.timelines["damkar-1"].fixes).Elem().FieldByName("blocks").Index(2).FieldByName("packed")
	bytes := (*[]byte)(packed.Addr().UnsafePointer()) // #nosec G103 -- the field is not exported
	*bytes = (*bytes)[:len(*bytes)-1]
	if err := New(tr.settings).Resume(tr.AppendState(nil)); !errors.Is(err, fixlog.ErrBroken) {
		t.Errorf("%v", err)
	}
}
