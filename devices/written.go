package devices

import (
	"slices"

	"htgateway/devices/jsonobject"
)

// AppendJSON appends the report as encoding/json writes it. Errors: a time or a number
// that JSON cannot say.
func (r *Report) AppendJSON(b []byte) ([]byte, error) {
	const allButRaw = 512 // bytes, as most are
	o := jsonobject.Begin(slices.Grow(b, allButRaw+(len(r.Raw)+len(r.Said))*4/3))
	o.AnyText("id", r.ID)
	o.Text("protocol", string(r.Protocol))
	o.Text("kind", string(r.Kind))
	o.AnyText("device", string(r.Device))
	o.AnyText("assurance", string(r.Assurance))
	o.AnyText("to", r.To)
	o.AnyTime("received_at", r.ReceivedAt)
	o.AnyText("site", r.Site)
	o.AnyTime("arrived_at", r.ArrivedAt)
	o.AnyReading("site_clock_s", r.SiteClockS)
	o.AnyTime("device_time", r.DeviceTime)
	o.AnyText("clock_note", r.ClockNote)
	o.AnyFlag("power_on", r.PowerOn)
	o.AnyTime("made_at", r.MadeAt)
	o.AnyFlag("queued", r.Queued)
	o.AnyText("sequence", r.Sequence)
	o.AnyFix("fix", r.Fix)
	o.AnyText("status", string(r.Status))
	o.AnyText("status_code", r.StatusCode)
	o.AnyFlag("standing", r.Standing)
	o.AnyText("change", string(r.Change))
	o.AnyTime("changed_after", r.ChangedAfter)
	o.AnyText("text", r.Text)
	o.AnyFlag("emergency", r.Emergency)
	o.AnyReading("battery_pct", r.BatteryPct)
	o.AnyReading("rssi_dbm", r.RSSIdBm)
	o.AnyText("trigger", r.Trigger)
	o.AnyText("mode", r.Mode)
	o.AnyTexts("regions", r.Regions)
	if r.Crossing != nil {
		o.Value("crossing", r.Crossing)
	}
	o.AnyText("name", r.Name)
	if r.Presence != nil {
		o.Value("presence", r.Presence)
	}
	o.AnyText("link", r.Link)
	o.AnyText("delivery", r.Delivery)
	o.AnyText("via", r.Via)
	o.AnyFlag("retained", r.Retained)
	o.AnyBytes("raw", r.Raw)
	o.AnyBytes("said", r.Said)
	return o.End()
}
