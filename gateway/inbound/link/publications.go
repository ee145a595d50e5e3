package link

import (
	"context"
	"errors"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
)

// Take journals messages and returns nil once all of them are on disk, as reports,
// as acts, or set aside with the reason.
func (m *Messages) Take(ctx context.Context, messages ...devices.Message) error {
	heard := make([]intake.Heard, 0, len(messages))
	for _, msg := range messages {
		switch {
		case msg.Topic == incidentsIn && msg.Refused == "":
			if err := m.open(ctx, msg); err != nil {
				return err
			}
		case outbound(msg.Topic) && msg.Refused == "":
		default:
			heard = append(heard, m.heard(m.decode(msg), msg))
		}
	}
	if len(heard) == 0 {
		return nil
	}
	return m.intake.Take(ctx, heard...)
}

// Urgent tells whether a message holds a key or an emergency.
func (m *Messages) Urgent(msg devices.Message) bool {
	return msg.Topic == incidentsIn || pressing(m.decode(msg))
}

// pressing tells whether a frame is more than a position. A text of a mesh may be a
// key: nodes send their canned messages as texts.
func pressing(f devices.Frame) bool {
	return urgent(intake.Heard{Frame: f}) || f.Report.Protocol == devices.Meshtastic && f.Report.Text != ""
}

var errExcess = errors.New("flood: more positions than the device may send")

// judge applies to a frame what the broker knows of its message.
func judge(f devices.Frame, msg devices.Message) devices.Frame {
	switch {
	case msg.Refused != "":
		// What it says of a device is not that device's word.
		return devices.Frame{Raw: f.Raw, Report: devices.Report{Protocol: f.Report.Protocol}, Err: errors.New(msg.Refused)}
	case msg.Will:
		return lastWillReport(f)
	case msg.Excess && f.Err == nil && !pressing(f):
		f.Err = errExcess
	}
	if msg.Account != "" && f.Err == nil && f.Report.Protocol != devices.Meshtastic {
		f.Report.Assurance = devices.AssuranceAuthenticated // its topic is its own, and it showed the password
	}
	return f
}

// lastWillReport makes a last will's frame say what a last will means and no more: its
// payload, and any time in it, was written when the connection began.
func lastWillReport(f devices.Frame) devices.Frame {
	if f.Report.Device == "" {
		return f
	}
	return devices.Frame{Raw: f.Raw, Report: devices.Report{
		Protocol: f.Report.Protocol, Kind: devices.KindOther, Device: f.Report.Device, Presence: &devices.Presence{Offline: true},
	}}
}
