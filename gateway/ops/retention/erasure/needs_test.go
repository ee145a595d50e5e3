package erasure_test

import (
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/ops/retention/erasure"
)

// TestWhichFixesIncidentsNeed looks at one fix, in minute 100,000, among other events.
func TestWhichFixesIncidentsNeed(t *testing.T) {
	t.Parallel()
	const radio, second, day, when = "fleetsync:102-1001", "owntracks:andi/phone", 24 * 60, 100_000.0
	dispatch := func(id string, at float64) journal.Record {
		return act(incident.Act{Kind: incident.ActDispatch, Incident: id, Units: []string{"damkar-1"}}, at)
	}
	end := func(kind incident.ActKind, id string, at float64) journal.Record {
		return act(incident.Act{Kind: kind, Incident: id, Units: []string{"damkar-1"}}, at)
	}
	merged := func(id, into string, at float64) journal.Record {
		return act(incident.Act{Kind: incident.ActMerge, Incident: id, Into: into}, at)
	}
	key := func(d devices.Identity, at, late float64) journal.Record {
		r := fix(d, at, late, 0)
		r.Fix, r.Status = nil, devices.StatusAvailable
		return report(r)
	}
	plain := func(*devices.Report) {}
	for name, c := range map[string]struct {
		change func(r *devices.Report)
		others []journal.Record
		before float64 // minute; 200,000 when 0
		kept   bool
	}{
		"nothing else":                        {plain, nil, 0, false},
		"not old enough":                      {plain, nil, when, true},
		"received later than that":            {func(r *devices.Report) { r.ReceivedAt = at(when + 500) }, nil, when + 400, true},
		"a key of its own":                    {func(r *devices.Report) { r.Status = devices.StatusOnScene }, nil, 0, true},
		"a code that is not mapped":           {func(r *devices.Report) { r.StatusCode = "9" }, nil, 0, true},
		"an emergency":                        {func(r *devices.Report) { r.Emergency = true }, nil, 0, true},
		"words":                               {func(r *devices.Report) { r.Text = "di lokasi" }, nil, 0, true},
		"switched on":                         {func(r *devices.Report) { r.PowerOn = true }, nil, 0, true},
		"enters a region":                     {func(r *devices.Report) { r.Crossing = &devices.Crossing{} }, nil, 0, true},
		"without satellites":                  {func(r *devices.Report) { r.Fix.NoLock = true }, nil, 0, false},
		"forgotten already":                   {func(r *devices.Report) { r.Fix.Forgotten = true }, nil, 0, true},
		"a key within a day after":            {plain, []journal.Record{key(radio, when+day-1, 0)}, 0, true},
		"a key within a day before":           {plain, []journal.Record{key(radio, when-day+1, 0)}, 0, true},
		"a key longer ago":                    {plain, []journal.Record{key(radio, when-day-1, 0), key(radio, when+day+1, 0)}, 0, false},
		"a key pressed then, received later":  {plain, []journal.Record{key(radio, when, 3*day)}, 0, true},
		"a key received then, pressed before": {plain, []journal.Record{key(radio, when-3*day, 3*day)}, 0, true},
		"a late fix of then, a key then":      {func(r *devices.Report) { r.ReceivedAt = at(when + 5*day) }, []journal.Record{key(radio, when+3, 0)}, 0, true},
		"a late fix, a key at its reception":  {func(r *devices.Report) { r.ReceivedAt = at(when + 5*day) }, []journal.Record{key(radio, when+5*day, 0)}, 0, true},
		"a clock that was never set":          {func(r *devices.Report) { r.Fix.Time = time.Unix(0, 0); r.DeviceTime = time.Unix(0, 0) }, []journal.Record{key(radio, 10, 0)}, 0, false},
		"a key of the unit's other device":    {plain, []journal.Record{key(second, when, 0)}, 0, true},
		"a key of another unit":               {plain, []journal.Record{key("nexedge:00103", when, 0)}, 0, false},
		"assigned":                            {plain, []journal.Record{opened("i", when-9*day), dispatch("i", when-9*day), end(incident.ActClose, "i", when+9*day)}, 0, true},
		"assigned and never closed":           {plain, []journal.Record{opened("i", when-9*day), dispatch("i", when-9*day)}, 0, true},
		"closed the day before":               {plain, []journal.Record{opened("i", 1), dispatch("i", 2), end(incident.ActClose, "i", when-day+1)}, 0, true},
		"closed longer ago":                   {plain, []journal.Record{opened("i", 1), dispatch("i", 2), end(incident.ActClose, "i", when-day-1)}, 0, false},
		"cancelled longer ago":                {plain, []journal.Record{opened("i", 1), dispatch("i", 2), end(incident.ActCancel, "i", when-day-1)}, 0, false},
		"closed long ago, reopened later":     {plain, []journal.Record{opened("i", 1), dispatch("i", 2), end(incident.ActClose, "i", 9), end(incident.ActReopen, "i", when+3*day)}, 0, true},
		"released longer ago":                 {plain, []journal.Record{opened("i", 1), dispatch("i", 2), end(incident.ActRelease, "i", when-day-1)}, 0, false},
		"released within the day":             {plain, []journal.Record{opened("i", 1), dispatch("i", 2), end(incident.ActRelease, "i", when-day+1)}, 0, true},
		"sent elsewhere, and that closed":     {plain, []journal.Record{opened("i", 1), dispatch("i", 2), opened("k", 3), dispatch("k", 4), end(incident.ActClose, "k", 9)}, 0, false},
		"merged into one that goes on":        {plain, []journal.Record{opened("i", 1), dispatch("i", 2), opened("k", 3), merged("i", "k", 4)}, 0, true},
		"merged into one that is over":        {plain, []journal.Record{opened("i", 1), dispatch("i", 2), opened("k", 3), merged("i", "k", 4), end(incident.ActClose, "k", 9)}, 0, false},
		"sent a day after":                    {plain, []journal.Record{opened("i", when), dispatch("i", when+day-1), end(incident.ActClose, "i", when+9*day)}, 0, true},
		"sent later":                          {plain, []journal.Record{opened("i", when), dispatch("i", when+day+1), end(incident.ActClose, "i", when+9*day)}, 0, false},
		"corrected for then":                  {plain, []journal.Record{opened("i", 1), dispatch("i", 2), end(incident.ActClose, "i", 9), act(incident.Act{Kind: incident.ActCorrect, Incident: "k", Units: []string{"damkar-1"}, MilestoneAt: at(when)}, when+9*day)}, 0, true},
		"a stranger's":                        {func(r *devices.Report) { r.Device = "aprs:YB1ZZZ-9" }, []journal.Record{opened("i", 1), dispatch("i", 2)}, 0, false},
		"of a device that was the unit's":     {func(r *devices.Report) { r.Device = "tetra:1" }, []journal.Record{opened("i", 1), dispatch("i", 2)}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			roster := settings().Roster
			roster[0].Devices = append(roster[0].Devices, second)
			roster[0].Former = []incident.FormerBinding{{Device: "tetra:1", Until: at(5)}}
			n := erasure.NewNeeds(roster)
			r := fix(radio, when, 0, 0)
			c.change(r)
			newest := fix(r.Device, when+1, 9*day, 0) // by both clocks
			for _, rec := range append(c.others, report(newest), report(r)) {
				if err := n.Learn(journal.Entry{Record: rec, JournaledAt: rec.At}); err != nil {
					t.Fatal(err)
				}
			}
			n.Settle()
			before := c.before
			if before == 0 {
				before = 200_000
			}
			if kept := !n.Forgettable(journal.Entry{Record: report(r), JournaledAt: r.ReceivedAt}, r, at(before)); kept != c.kept {
				t.Errorf("kept %v", kept)
			}
			if n.Forgettable(journal.Entry{Record: report(newest)}, newest, at(1e6)) {
				t.Error("the newest of a device is forgotten")
			}
		})
	}
}
