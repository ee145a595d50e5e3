package link

import (
	"context"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/fieldjson"
	"htgateway/gateway/inbound/intake"
)

// Posts takes the reports that devices send by HTTP.
type Posts struct {
	id     string
	intake Intake
}

// NewPosts returns the taker of one HTTP link's reports.
func NewPosts(id string, in Intake) *Posts { return &Posts{id: id, intake: in} }

// Take journals a field report of a device that has proved itself. It returns once
// the report is on disk, or, with the reason in refused, set aside there for good;
// with err it was not journaled and is to be sent again.
func (p *Posts) Take(ctx context.Context, d devices.Identity, body []byte, at time.Time) (refused, err error) {
	f := devices.Frame{Raw: body}
	f.Report, f.Err = fieldjson.Decode("htgateway/devices/"+strings.TrimPrefix(string(d), "field:")+"/report", body, at)
	f.Report.Assurance = devices.AssuranceAuthenticated
	return f.Err, p.intake.Take(ctx, intake.Heard{Frame: f, Link: p.id})
}
