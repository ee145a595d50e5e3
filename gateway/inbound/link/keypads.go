package link

import (
	"context"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/fieldjson"
	"htgateway/gateway/inbound/intake"
)

// Keypads takes the reports that keypads and programs post.
type Keypads struct {
	overHTTP
	intake Intake
}

// NewKeypads returns the link of what keypads and programs post.
func NewKeypads(p Parts) *Keypads {
	about := About{ID: KeypadsID, Kind: "http", Protocol: string(devices.FieldJSON)}
	return &Keypads{intake: p.Intake, overHTTP: overHTTP{about: about, ledgers: p.Intake, since: p.Now().UTC()}}
}

// Take journals a field report of a device that has proved itself. It returns once
// the report is on disk, or, with the reason in refused, set aside there for good;
// with err it was not journaled and is to be sent again.
func (k *Keypads) Take(ctx context.Context, d devices.Identity, body []byte, at time.Time) (refused, err error) {
	f := devices.Frame{Raw: body}
	f.Report, f.Err = fieldjson.Decode("htgateway/devices/"+strings.TrimPrefix(string(d), "field:")+"/report", body, at)
	f.Report.Assurance = devices.AssuranceAuthenticated
	return f.Err, k.intake.Take(ctx, intake.Heard{Frame: f, Link: k.about.ID})
}
