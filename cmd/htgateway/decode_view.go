package main

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// appendFrame puts one decoded frame after b as the JSON object of the decode
// contract; absent fields are left out. It is written out by hand because the
// command is also the throughput benchmark: encoding/json took twice the time of
// the decoding.
func appendFrame(b []byte, f *devices.Frame) []byte {
	r := &f.Report
	b = append(b, '{')
	b = appendText(b, "protocol", string(r.Protocol))
	b = appendText(b, "kind", string(r.Kind))
	b = appendText(b, "device", string(r.Device))
	b = appendText(b, "to", r.To)
	if f.Err != nil {
		return append(appendText(b, "error", f.Err.Error()), '}')
	}
	if !r.DeviceTime.IsZero() {
		b = append(appendName(b, "time"), '"')
		b = append(r.DeviceTime.UTC().AppendFormat(b, time.RFC3339Nano), '"')
	}
	if fix := r.Fix; fix != nil {
		b = appendNumber(b, "lat", geo.Measured(fix.Point[1]), 1e7)
		b = appendNumber(b, "lon", geo.Measured(fix.Point[0]), 1e7)
		b = appendNumber(b, "altitude_m", fix.AltitudeM, 1e2)
		b = appendNumber(b, "speed_mps", fix.SpeedMPS, 1e3)
		b = appendNumber(b, "course_deg", fix.CourseDeg, 1e2)
		b = appendNumber(b, "accuracy_m", fix.AccuracyM, 1e2)
		if fix.NoLock {
			b = append(appendName(b, "stale"), "true"...)
		}
		if fix.Blurred {
			b = append(appendName(b, "blurred"), "true"...)
		}
	}
	b = appendText(b, "status", string(r.Status))
	b = appendText(b, "status_code", r.StatusCode)
	b = appendText(b, "text", r.Text)
	b = appendText(b, "name", r.Name)
	if r.Text == "" && r.Kind == devices.KindMessage {
		b = append(appendName(b, "text"), `""`...) // an empty message is a message
	}
	b = strconv.AppendBool(appendName(b, "emergency"), r.Emergency)
	b = appendNumber(b, "battery_pct", r.BatteryPct, 10)
	return append(b, '}')
}

func appendName(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(append(append(b, '"'), name...), '"', ':')
}

// appendText leaves an empty text out.
func appendText(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	b = appendName(b, name)
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			quoted, err := json.Marshal(text)
			if err != nil {
				return append(b, `""`...) // a string always encodes
			}
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

// appendNumber leaves out what was not measured. scale is one over the last place
// that is known.
func appendNumber(b []byte, name string, r geo.Reading, scale float64) []byte {
	v, known := r.Value()
	if !known {
		return b
	}
	n := math.Round(v * scale)
	if math.Abs(n) > 1<<52 {
		return strconv.AppendFloat(appendName(b, name), v, 'g', -1, 64)
	}
	return appendDecimal(appendName(b, name), int64(n), int64(scale))
}

// appendDecimal writes n / scale, scale a power of ten, without closing zeros.
func appendDecimal(b []byte, n, scale int64) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/scale, 10)
	rest := n % scale
	if rest == 0 {
		return b
	}
	b = append(b, '.')
	for rest > 0 {
		scale /= 10
		b = append(b, byte('0'+rest/scale))
		rest %= scale
	}
	return b
}
