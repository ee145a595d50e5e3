package main

import (
	"math"
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// frameView is one decoded frame as the decode command writes it; absent fields
// are left out.
type frameView struct {
	Protocol   devices.Protocol `json:"protocol,omitempty"`
	Kind       devices.Kind     `json:"kind,omitempty"`
	Device     devices.Identity `json:"device,omitempty"`
	To         string           `json:"to,omitempty"`
	Time       *time.Time       `json:"time,omitempty"`
	Lat        *float64         `json:"lat,omitempty"`
	Lon        *float64         `json:"lon,omitempty"`
	AltitudeM  *float64         `json:"altitude_m,omitempty"`
	SpeedMPS   *float64         `json:"speed_mps,omitempty"`
	CourseDeg  *float64         `json:"course_deg,omitempty"`
	AccuracyM  *float64         `json:"accuracy_m,omitempty"`
	Stale      bool             `json:"stale,omitempty"`
	Status     devices.Status   `json:"status,omitempty"`
	StatusCode string           `json:"status_code,omitempty"`
	Text       string           `json:"text,omitempty"`
	Emergency  *bool            `json:"emergency,omitempty"`
	BatteryPct *float64         `json:"battery_pct,omitempty"`
	Error      string           `json:"error,omitempty"`
}

func viewOf(f *devices.Frame) frameView {
	r := &f.Report
	v := frameView{Protocol: r.Protocol, Kind: r.Kind, Device: r.Device, To: r.To}
	if f.Err != nil {
		v.Error = f.Err.Error()
		return v
	}
	v.Status, v.StatusCode, v.Text = r.Status, r.StatusCode, r.Text
	v.BatteryPct = rounded(r.BatteryPct, 1)
	if !r.DeviceTime.IsZero() {
		t := r.DeviceTime.UTC()
		v.Time = &t
	}
	v.Emergency = &r.Emergency
	if fix := r.Fix; fix != nil {
		v.Lat, v.Lon = rounded(geo.Measured(fix.Point[1]), 7), rounded(geo.Measured(fix.Point[0]), 7)
		v.AltitudeM, v.SpeedMPS = rounded(fix.AltitudeM, 2), rounded(fix.SpeedMPS, 3)
		v.CourseDeg, v.AccuracyM = rounded(fix.CourseDeg, 2), rounded(fix.AccuracyM, 2)
		v.Stale = fix.NoLock
	}
	return v
}

func rounded(r geo.Reading, digits int) *float64 {
	v, known := r.Value()
	if !known {
		return nil
	}
	scale := math.Pow10(digits)
	v = math.Round(v*scale) / scale
	return &v
}
