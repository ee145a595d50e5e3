package telemetrytest

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/roster"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
	"htgateway/telemetry"
)

func withoutEnrolments(events []incident.Event) []incident.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e incident.Event) bool { return e.Enrolment != nil })
}

// agreeOnReports holds that of each report which was a unit's there is one live point: of the
// unit for which its device spoke then, as the roster says in the end, with what the newest
// update about the report says.
func agreeOnReports(t *testing.T, log *updatelog.Log, events []incident.Event, store telemetry.Store) {
	t.Helper()
	owners := roster.New(factSettings().Roster)
	for _, e := range events {
		if e.Enrolment != nil {
			owners.Apply(*e.Enrolment)
		}
	}
	newest := map[string]incident.Update{}
	for after := uint64(0); after < log.Last(); {
		updates, err := log.Read(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range updates {
			if after = u.Seq; u.Kind == incident.UpdateFix || u.Kind == incident.UpdateStatus || u.Kind == incident.UpdateWithdrawn {
				newest[u.Report] = u
			}
		}
	}
	var want []string
	for _, e := range events {
		if e.Report == nil {
			continue
		}
		u, given := newest[e.Report.ID]
		at := e.Report.DeviceTime
		if given {
			at = u.At // its clock may be known by then
		}
		owner := ""
		for _, b := range owners.Bindings(e.Report.Device) {
			if b.Covers(at) {
				owner = b.Unit
			}
		}
		if is := given && u.Kind != incident.UpdateWithdrawn; is != (owner != "") || is && u.Unit != owner {
			t.Errorf("report %s of %s is %q's; the newest update about it is %s of %q", e.Report.ID, e.Report.Device, owner, u.Kind, u.Unit)
		}
		if owner != "" {
			want = append(want, fmt.Sprint(u.Report, " ", u.Unit, " ", u.Agency, " ", u.Status, " ", u.At.Sub(Start), " ", u.Incident))
		}
	}
	var got []string
	for _, m := range []string{telemetry.UnitFix, telemetry.UnitStatus} {
		for _, p := range Read(t, store, telemetry.Query{Measurement: m}) {
			got = append(got, fmt.Sprint(p.Field("report"), " ", p.Tag("unit"), " ", p.Tag("agency"), " ", p.Tag("status"), " ", p.Time.Sub(Start), " ", p.Field("incident")))
		}
	}
	compare(t, "reports", got, want)
}

// thereAndBack tests that a fix and a key, which went to another unit, to nobody and back with
// another agency's name and another time, are one live point each after every step, whether
// the follower wrote each step by itself or all of them at once.
func thereAndBack(t *testing.T, store telemetry.Store, eachByItself bool) {
	t.Helper()
	log, err := updatelog.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(log.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	}()
	fix := incident.Update{Kind: incident.UpdateFix, Fix: &geo.Fix{Point: orb.Point{108.2279, -6.8364}}, Device: phones[0], Protocol: devices.OwnTracks, Link: "mqtt", Report: "r1"}
	key := incident.Update{Kind: incident.UpdateStatus, Status: devices.StatusOnScene, Device: phones[0], Protocol: devices.OwnTracks, Link: "mqtt", Report: "r2"}
	before := time.Time{}
	for n, step := range []struct {
		unit, agency string
		after        time.Duration
		withdrawn    bool
	}{
		{unit: "damkar-1", agency: "Damkar"}, {unit: "damkar-2", agency: "Damkar"}, {unit: "damkar-1", agency: "Damkar"},
		{unit: "damkar-1", agency: "Damkar", withdrawn: true}, {unit: "damkar-1", agency: "Damkar"}, {unit: "damkar-1", agency: "Pemadam"},
		{unit: "damkar-1", agency: "Pemadam", after: 40 * time.Second}, {unit: "damkar-2", agency: "Damkar"},
	} {
		var updates []incident.Update
		var want []string
		for i, u := range []incident.Update{fix, key} {
			u.Seq, u.JournalSeq, u.ID = uint64(2*n+i+1), uint64(n+1), fmt.Sprint(n, i)
			u.Unit, u.Agency, u.At, u.KnownAt, u.BeforeAt = step.unit, step.agency, Start.Add(step.after), Start, before
			if step.withdrawn {
				u.Kind, u.Fix = incident.UpdateWithdrawn, nil
			} else {
				want = append(want, fmt.Sprint(u.Report, " ", u.Unit, " ", u.Agency, " ", step.after))
			}
			updates = append(updates, u)
		}
		before = Start.Add(step.after)
		if err := log.Append(t.Context(), updates); err != nil {
			t.Fatal(err)
		}
		if !eachByItself && n < 7 {
			continue
		}
		followTo(t, log, store, -1)
		var got []string
		for _, m := range []string{telemetry.UnitFix, telemetry.UnitStatus} {
			for _, p := range Read(t, store, telemetry.Query{Measurement: m}) {
				got = append(got, fmt.Sprint(p.Field("report"), " ", p.Tag("unit"), " ", p.Tag("agency"), " ", p.Time.Sub(Start)))
			}
		}
		compare(t, fmt.Sprint("reports after step ", n), got, want)
	}
}
