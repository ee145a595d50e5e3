package mutants

import (
	"flag"
	"slices"
	"strings"
	"testing"
)

var all = flag.Bool("mutants", false, "break every rule of the list, not a sample that changes with the commit")

// sampled is how many of them are broken with every commit.
const sampled = 2

// The tests that have to notice.
var (
	sopTests    = Tests{"./gateway/incident/sop", "."}
	alarmTests  = Tests{"./gateway/incident/alarm", "."}
	intakeTests = Tests{"./gateway/inbound/intake", "."}
	seriesTests = Tests{"./telemetry", "."}
	importTests = Tests{"./gateway/ops/importer", "."}

	actTests        = Tests{"./gateway/inbound/desk", "^Test(ActsByStateAndKey|OneKeyOfTwoPeople|OpeningTwice|WhoLeavesEndsNoAct)$"}
	deskClockTests  = Tests{"./gateway/inbound/desk", "^Test(ClockSetBack|HoursAhead)"}
	correctionTests = Tests{"./gateway/inbound/desk", "^TestCorrection"}
	bindingTests    = Tests{"./gateway/incident/tracker", "^Test(ReboundRadio|BoundLater|Released|UnitsFileChanged|EmergencyOfADevice)"}
)

// Files of which several rules are broken.
const (
	actsFile    = "gateway/inbound/desk/acts.go"
	correctFile = "gateway/inbound/desk/correct.go"
	bindingFile = "gateway/incident/tracker/binding.go"
)

// list are the rules of what stands around the tracker; its own are in its own room.
var list = []struct {
	Mutant
	by Tests
}{
	{Mutant{"a review after closing is none", "gateway/incident/sop/clocks.go", "(c.ClosedAt.IsZero() || at.Before(c.ClosedAt))", "true"}, sopTests},
	{Mutant{"closing does not wait for who was taken off", "gateway/incident/sop/clocks.go", "if u.Ended.IsZero() {\n\t\t\t\treturn nil", "if true {\n\t\t\t\treturn nil"}, sopTests},
	{Mutant{"closing waits for who is at work", "gateway/incident/sop/clocks.go", "if u.Ended.IsZero() {\n\t\t\t\treturn nil", "if false {\n\t\t\t\treturn nil"}, sopTests},
	{Mutant{"what was cut off within its limit is no run", "gateway/incident/sop/clocks.go", "runs = runs[:n-1]", "_ = n"}, sopTests},
	{Mutant{"progress ends with the completion", "gateway/incident/sop/clocks.go", "(!done || at.Before(u.Completed))", "true"}, sopTests},

	{Mutant{"an alarm stays until a person looks", "gateway/incident/alarm/judge.go", "if !review.Before(at) {", "if true {"}, alarmTests},
	{Mutant{"what ended without its report was not answered", "gateway/incident/alarm/judge.go", `!r.StoppedAt.IsZero() && r.Ended == ""`, `!r.StoppedAt.IsZero()`}, alarmTests},
	{Mutant{"a breach follows its warning", "gateway/incident/alarm/judge.go", "if breached {\n\t\t\t\ta.State", "if false {\n\t\t\t\ta.State"}, alarmTests},
	{Mutant{"nothing old is raised of what is closed", "gateway/incident/alarm/judge.go", "case !had && (closed ||", "case !had && (false && closed ||"}, alarmTests},
	{Mutant{"what was never late is withdrawn", "gateway/incident/alarm/judge.go", "gone && a.State != journal.AlarmWithdrawn", "gone && false"}, alarmTests},

	{Mutant{"a site's repetition is no press", "gateway/inbound/intake/deliver.go", "if r.Change.NoPress() {\n\t\trepeated", "if false {\n\t\trepeated"}, intakeTests},
	{Mutant{"a site's burst under two headers is one press", "gateway/inbound/intake/deliver.go", "return in.bursts.merge(r, h.at, first)", "return press"}, intakeTests},
	{Mutant{"a dial that nobody moved is no press", "gateway/inbound/intake/deliver.go", "press := in.settings.atSite(r, h.at, first)", "var press *firstHearing"}, intakeTests},
	{Mutant{"a site's meaning stands", "gateway/inbound/intake/deliver.go", `r.Status != "" || r.StatusCode == "" || !interpretedThere(r)`, "true"}, intakeTests},

	{Mutant{"a corrected call moves superseded points too", "telemetry/offsets.go", "Superseded: true}", "}"}, seriesTests},
	{Mutant{"an old value is superseded", "telemetry/points.go", "out = append(out, point(*before, true))", "_ = point"}, seriesTests},
	{Mutant{"what is live again is not superseded", "telemetry/sequence.go", "return p.Measurement == ResponseInterval && p.Superseded() && s.live[p.Identity()]", "return false"}, seriesTests},

	{Mutant{"what has ended is not closed again", actsFile, "incident.ActClose, id, reason), nil, func(in incident.Incident, act *incident.Act) error {\n\t\tif err := open(in); err != nil {", "incident.ActClose, id, reason), nil, func(in incident.Incident, act *incident.Act) error {\n\t\tif err := open(in); err != nil && false {"}, actTests},
	{Mutant{"nobody is sent to what has ended", actsFile, "incident.ActDispatch, id, units), unitLocks(units), func(in incident.Incident, act *incident.Act) error {\n\t\tif err := open(in); err != nil {", "incident.ActDispatch, id, units), unitLocks(units), func(in incident.Incident, act *incident.Act) error {\n\t\tif err := open(in); err != nil && false {"}, actTests},
	{Mutant{"a key is of one body", "gateway/inbound/desk/once.go", "was.Request != want.Request {", "was.Request != want.Request && false {"}, actTests},
	{Mutant{"a key is its caller's own", "gateway/inbound/desk/once.go", "r.subject, r.By, key)", "r.subject, key)"}, actTests},
	{Mutant{"who leaves ends no act that is being stored", "gateway/inbound/desk/once.go", "context.WithoutCancel(ctx)", "ctx"}, actTests},
	{Mutant{"an act stands after the newest of all", "gateway/inbound/desk/clock.go", "if t.Sub(now) <= aheadAtMost {\n\t\t\tafter(t)", "if t.Sub(now) <= aheadAtMost && false {\n\t\t\tafter(t)"}, deskClockTests},
	{Mutant{"an act stands after the newest of its incident", "gateway/inbound/desk/clock.go", "if !order || t.Sub(now) <= orderAheadAtMost {", "if t.Sub(now) <= aheadAtMost {"}, deskClockTests},
	{Mutant{"an order stands after the newest to its unit", "gateway/inbound/desk/clock.go", `t := d.state.NewestAct("", u); t.Sub(now) <= orderAheadAtMost {`, `t := d.state.NewestAct("", u); t.Sub(now) <= aheadAtMost {`}, deskClockTests},
	{Mutant{"an order is not given the time of a wrong hour", "gateway/inbound/desk/clock.go", `t := d.state.NewestAct("", u); t.Sub(now) <= orderAheadAtMost {`, `t := d.state.NewestAct("", u); t.Sub(now) != 0 {`}, deskClockTests},
	{Mutant{"nothing was before the call", correctFile, "case k.Milestone != incident.Received && k.before(in.ReceivedAt):", "case false:"}, correctionTests},
	{Mutant{"nothing is in the future", correctFile, "k.At.After(now.Add(futureAtMost))", "false"}, correctionTests},
	{Mutant{"a time that looks like a slip is asked for twice", correctFile, "len(doubts) > 0 && !k.Confirm {", "len(doubts) > 0 && false {"}, correctionTests},
	{Mutant{"a correction is about the assignment in which it falls", "gateway/inbound/desk/effect.go", "(found < 0 || !u.Dispatched.After(k.At))", "found < 0"}, correctionTests},

	{Mutant{"a device speaks for whose it was when it spoke", bindingFile, "return t.ownerAt(r.Device, judgedTime(r))", "return t.ownerAt(r.Device, r.ReceivedAt)"}, bindingTests},
	{Mutant{"a wrong clock is of no former unit", bindingFile, "return t.ownerAt(r.Device, judgedTime(r))", "return t.ownerAt(r.Device, r.DeviceTime)"}, bindingTests},
	{Mutant{"the binding is the one that covers the time", bindingFile, "if list[i].Covers(at) {\n\t\t\treturn list[i].timeline", "if list[i].Covers(at) {\n\t\t\treturn list[0].timeline"}, bindingTests},
	{Mutant{"a binding ends", bindingFile, "if list[i].Covers(at) {", "if !at.Before(list[i].From) {"}, bindingTests},
	{Mutant{"a device that was taken away speaks for nobody", bindingFile, "len(b) > 0 && b[len(b)-1].Until.IsZero()", "len(b) > 0"}, bindingTests},
	{Mutant{"what was said before goes over with the device", bindingFile, "t.ownerAt(d, o.Own.At) != u && o.Origin.Device == d", "false"}, bindingTests},
	{Mutant{"the unit keeps what its other devices said", bindingFile, "t.ownerAt(d, o.Own.At) != u && o.Origin.Device == d", "t.ownerAt(d, o.Own.At) != u"}, bindingTests},

	{Mutant{"one id says one thing", "gateway/ops/importer/importer.go", "if err := f.same(l); err != nil {", "if err := f.same(l); false {"}, importTests},
	{Mutant{"a folder with a journal is refused", "gateway/ops/importer/importer.go", "if err := checkEmpty(folder); err != nil {", "if err := checkEmpty(folder); false {"}, importTests},
}

// TestMutants breaks the rules on purpose, one by one; a test of their rooms must notice.
func TestMutants(t *testing.T) {
	chosen := list
	if !*all {
		chosen = Sample(list, sampled)
	}
	for _, m := range chosen {
		t.Run(strings.ReplaceAll(m.Rule, " ", "-"), func(t *testing.T) { m.Notice(t, m.by) })
	}
}

func TestSampleIsOfTheList(t *testing.T) {
	t.Parallel()
	numbers := []int{1, 2, 3, 4, 5, 6, 7, 8}
	one, other := Sample(numbers, 3), Sample(numbers, 3)
	if len(one) != 3 || !slices.Equal(one, other) {
		t.Errorf("%v and %v of one commit", one, other)
	}
	for _, n := range one {
		if !slices.Contains(numbers, n) {
			t.Errorf("%d is not of the list", n)
		}
	}
	if len(Sample(numbers, 20)) != len(numbers) {
		t.Error("a sample is larger than the list")
	}
}
