package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"htgateway/configs"
	"htgateway/devices"
	"htgateway/gateway/config"
)

// said holds what is wrong with a file to naming it, or another that it names.
func said(t *testing.T, path string, err error) {
	t.Helper()
	if problems := new(config.ProblemsError); errors.As(err, &problems) {
		if !strings.Contains(err.Error(), filepath.Dir(path)) {
			t.Fatalf("%q names no file", err)
		}
	}
	if strings.TrimSpace(err.Error()) == "" {
		t.Fatal("refused without a word")
	}
}

// FuzzLoad: a configuration is taken, the same each time, or its faults are named.
func FuzzLoad(f *testing.F) {
	f.Add(string(configs.Gateway))
	f.Add("links: [{id: a}]")
	f.Add("units_file: units.yaml\n")
	f.Add("units_file: units.yaml\narrival: {radius_m: .nan}\n")
	f.Add("units_file: units.yaml\ndevice_reports: {per_second: .nan}\n")
	f.Add("units_file: units.yaml\nmqtt: {embedded: {device_rate: .inf}}\n")
	f.Add("http: {listen: 127.0.0.1:1}\nretention: {fixes: -1h}\narrival: {radius_m: .nan, dwell: 99999999h}\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		write(t, dir, "units.yaml", "units: []\n")
		path := write(t, dir, "c.yaml", text)
		c, err := config.Load(path)
		again, errAgain := config.Load(path)
		if (err == nil) != (errAgain == nil) {
			t.Fatalf("%v, and then %v", err, errAgain)
		}
		if err != nil {
			said(t, path, err)
			return
		}
		if !reflect.DeepEqual(c, again) {
			t.Fatalf("%+v, and then %+v", c, again)
		}
		if a := c.Arrival; !(a.RadiusM > 0 && a.RadiusM < 1e6) || a.Dwell < 0 {
			t.Fatalf("%+v", a)
		}
		if rate := c.DeviceReports.PerSecond; !(rate > 0 && rate < 1e9) {
			t.Fatalf("%v reports a second", rate)
		}
		if e := c.MQTT.Embedded; e.Enabled && !(e.DeviceRate > 0 && e.DeviceRate < 1e9 && e.DeviceBurst > 0 && e.DeviceBurst < 1e9) {
			t.Fatalf("%v messages a second, %v at once", e.DeviceRate, e.DeviceBurst)
		}
	})
}

// FuzzLoadUnits: a device speaks for one unit, and a unit's id can stand in a topic.
func FuzzLoadUnits(f *testing.F) {
	example, err := os.ReadFile("../../configs/units.example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	f.Add("units: [{id: a, call_sign: A, devices: ['aprs:X']}, {id: b, call_sign: B, devices: ['aprs:X']}]")
	f.Add("units: [{id: \"a\\nb\", call_sign: A}]")
	f.Fuzz(func(t *testing.T, text string) {
		path := write(t, t.TempDir(), "units.yaml", text)
		units, err := config.LoadUnits(path)
		if err != nil {
			said(t, path, err)
			return
		}
		ids, owners := map[string]bool{}, map[devices.Identity]bool{}
		for _, u := range units {
			if u.ID == "" || ids[u.ID] || strings.ContainsAny(u.ID, "/+#") || strings.ContainsFunc(u.ID, unicode.IsControl) {
				t.Fatalf("%q", u.ID)
			}
			ids[u.ID] = true
			for _, d := range u.Devices {
				if owners[d] {
					t.Fatalf("%q twice", d)
				}
				owners[d] = true
			}
		}
	})
}

// FuzzLoadPlan: limits and targets of a procedure are times that can run out.
func FuzzLoadPlan(f *testing.F) {
	f.Add(string(configs.SOP))
	f.Add(strings.Replace(string(configs.SOP), "warn_at: 0.8", "warn_at: .nan", 1))
	f.Add(strings.Replace(string(configs.SOP), "closing: 2m", "closing: -2m", 1))
	f.Fuzz(func(t *testing.T, text string) {
		path := write(t, t.TempDir(), "sop.yaml", text)
		p, err := config.LoadPlan(path)
		if err != nil {
			said(t, path, err)
			return
		}
		if !(p.WarnAt >= 0 && p.WarnAt <= 1) {
			t.Fatalf("warns at %v", p.WarnAt)
		}
		for name, limit := range p.Limits {
			if limit < 0 {
				t.Fatalf("%s: %v", name, limit)
			}
		}
		keys := map[string]bool{}
		for _, c := range p.Categories {
			if c.Key == "" || keys[c.Key] {
				t.Fatalf("category %q", c.Key)
			}
			keys[c.Key] = true
		}
	})
}
