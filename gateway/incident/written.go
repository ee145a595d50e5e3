package incident

import "htgateway/devices/jsonobject"

// AppendJSON appends the update as encoding/json writes it. Errors: a time or a number
// that JSON cannot say.
func (u *Update) AppendJSON(b []byte) ([]byte, error) {
	o := jsonobject.Begin(b)
	o.Count("seq", u.Seq)
	o.Text("id", u.ID)
	o.Count("journal_seq", u.JournalSeq)
	o.Text("kind", string(u.Kind))
	o.Time("at", u.At)
	o.Time("known_at", u.KnownAt)
	o.AnyText("incident", u.Incident)
	o.AnyText("number", u.Number)
	o.AnyText("category", u.Category)
	o.AnyText("district", u.District)
	o.AnyTime("received_at", u.ReceivedAt)
	o.AnyText("unit", u.Unit)
	o.AnyText("call_sign", u.CallSign)
	o.AnyText("agency", u.Agency)
	o.AnyText("device", string(u.Device))
	o.AnyText("identity_assurance", string(u.Assurance))
	o.AnyText("protocol", string(u.Protocol))
	o.AnyText("link", u.Link)
	o.AnyText("report", u.Report)
	o.AnyText("status", string(u.Status))
	o.AnyText("status_code", u.StatusCode)
	o.AnyFix("fix", u.Fix)
	o.AnyTime("before_at", u.BeforeAt)
	o.AnyText("set_aside", string(u.SetAside))
	o.AnyFlag("newest", u.Newest)
	if u.Milestone != nil {
		o.Value("milestone", u.Milestone)
	}
	if u.Before != nil {
		o.Value("before", u.Before)
	}
	if u.Interval != nil {
		o.Value("interval", u.Interval)
	}
	if u.BeforeInterval != nil {
		o.Value("before_interval", u.BeforeInterval)
	}
	if u.Alert != nil {
		o.Value("alert", u.Alert)
	}
	if u.Alarm != nil {
		o.Value("alarm", u.Alarm)
	}
	if u.Delivery != nil {
		o.Value("delivery", u.Delivery)
	}
	o.AnyText("by", u.By)
	o.AnyText("text", u.Text)
	return o.End()
}
