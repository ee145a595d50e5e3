package tracker

import (
	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
)

// origins has one value for all reports that come the same way.
type origins struct{ list []*fixlog.Origin }

// of is the value for reports that come this way and by this clock.
func (o *origins) of(r *devices.Report, clock string) *fixlog.Origin {
	way := fixlog.Origin{Device: r.Device, Assurance: r.Assurance, Protocol: r.Protocol, Link: r.Link, Clock: clock, Away: r.Site != ""}
	if clock == receiversClock(r) {
		way.Shift = -siteAhead(r)
	}
	return o.same(way)
}

// same is the one value that equals a way.
func (o *origins) same(way fixlog.Origin) *fixlog.Origin {
	for _, is := range o.list {
		if *is == way {
			return is
		}
	}
	o.list = append(o.list, &way)
	return &way
}

// observe splits a report into its fix and what its key, words or emergency say; the key comes
// after its own fix.
func (o *origins) observe(r *devices.Report, seq uint64) (fix, key observation) {
	if r.HasLiveFix() {
		at, clock, doubt := fixTime(r)
		fix.Entry = &fixlog.Entry{
			Known: knownKey{Seq: seq, Key: keyAt(r.KnownAt(), r.ID)}, Own: keyAt(at, r.ID), Origin: o.of(r, clock),
			Fix: r.Fix, Why: doubt, Doubted: doubt != "", On: r.PowerOn,
		}
	}
	alerts := reportAlertsOf(r)
	words := r.Text != "" && r.Kind != devices.KindAck && r.Kind != devices.KindObject
	if r.Status == "" && len(alerts) == 0 && !words && (fix.exists() || !r.PowerOn) {
		return fix, observation{}
	}
	at, clock := pressTime(r)
	key.Entry = &fixlog.Entry{
		Known: knownKey{Seq: seq, Key: keyAt(r.KnownAt(), r.ID+"/key")}, Own: keyAt(ownTime(at, r.ReceivedAt), r.ID), Origin: o.of(r, clock),
		On: r.PowerOn, Fix: r.Fix,
	}
	key.statement = &statement{stamp: at, received: r.ReceivedAt, status: r.Status, code: r.StatusCode, alerts: alerts}
	if d := r.DeviceTime; !d.IsZero() && clockOf(r) == deviceClock && (r.Fix == nil || !r.Fix.NoLock) {
		if why := doubt(d, r.ReceivedAt); why == "" || why == incident.FromFuture {
			key.statement.said = d
		}
	}
	if words {
		key.statement.text = r.Text
	}
	return fix, key
}
