package tracker_test

import (
	"flag"
	"strings"
	"testing"

	"htgateway/gateway/sitetest/mutants"
)

var allMutants = flag.Bool("mutants", false, "break every rule of the list, not three that change with the commit")

// rules are broken one by one: in a file, old becomes new.
var rules = []struct{ rule, file, old, new string }{
	{"the speed gate", "geo/arrival.go", "return f.speed <= s.rule.MaxSpeedMPS", "return true"},
	{"a key belongs to one incident", "gateway/incident/tracker/assignment.go", "if p.until.IsZero() {\n\t\treturn endless", "if true {\n\t\treturn endless"},
	{"radio clears no emergency", "gateway/incident/tracker/alerts.go", `return slices.ContainsFunc(u.emergencies,`, `return u.state.Status == "emergency" && slices.ContainsFunc(u.emergencies,`},
	{"the dwell", "geo/arrival.go", "f.at.Sub(w.slowSince) >= s.rule.Dwell", "true"},
	{"the dwell starts again", "geo/arrival.go", "if !w.inside || !slow {", "if false && (!w.inside || !slow) {"},
	{"hysteresis", "geo/area.go", "a.parts[i].radiusM*(leaveFactor-1)+accuracyM", "accuracyM"},
	{"accuracy grows the radius", "geo/area.go", "in = in || beyond <= accuracyM", "in = in || beyond <= 0"},
	{"coarse fixes prove nothing", "geo/arrival.go", "case f.Blurred:", "case false:"},
	{"vague fixes prove nothing", "geo/arrival.go", "case f.AccuracyM.Or(0) > r.MaxAccuracyM:", "case false:"},
	{"a teleport is suspect", "geo/arrival.go", "if s.jumps(&w.last, &here) {", "if false {"},
	{"a gap proves nothing", "geo/arrival.go", "w.slowSince.IsZero() || gap", "w.slowSince.IsZero() || gap && false"},
	{"a fix from the future is set aside", "gateway/incident/tracker/times.go", "case t.After(receivedAt.Add(maxAhead)):", "case false:"},
	{"a clock never set is not believed", "gateway/incident/tracker/times.go", "case !t.Before(earliestTime):", "case true:"},
	{"a fix from before power-on is set aside", "gateway/incident/tracker/device.go", "e.Own.At.Before(o.at.Add(-powerOnSlack))", "false"},
	{"a key far away is a conflict", "gateway/incident/tracker/arrival.go", "return metres, metres > farAwayM", "return metres, false"},
	{"key and fence far apart conflict", "gateway/incident/tracker/arrival.go", "key.At.Sub(fence.At).Abs() > agreeWithin", "false"},
	{"the first witness sets the time", "gateway/incident/tracker/arrival.go", "if fence.At.Before(key.At) {", "if false {"},
	{"a key far away sets nothing beside a proof", "gateway/incident/tracker/arrival.go", "if m.At.IsZero() {\n\t\tm = far", "if true {\n\t\tm = far"},
	{"a key pressed again is asked too", "gateway/incident/tracker/arrival.go", "\t\tif !contradicted {\n\t\t\treturn first, k", "\t\tif len(p.asked) > 1 {\n\t\t\treturn first, k"},
	{"a slow clock's key is weighed by when it came", "gateway/incident/tracker/arrival.go", "key.received.Sub(fence.At).Abs() <= agreeWithin", "false"},
	{"a slow clock's key yields to the fence", "gateway/incident/tracker/arrival.go", "case key.unsure && !fence.unsure && !apart:", "case false:"},
	{"a clock in doubt makes nothing certain", "gateway/incident/tracker/arrival.go", "case key.unsure: // and", "case false: // and"},
	{"after minutes of silence nothing is certain", "gateway/incident/tracker/stay.go", "first.At.Sub(last) > agreeWithin", "false"},
	{"one device that was heard is enough", "gateway/incident/tracker/stay.go", "f.arrived.At.Sub(first.At) <= agreeWithin && f", "f.arrived == first && f"},
	{"a clock that was heard right is believed", "gateway/incident/tracker/devicetime.go", "return least.Abs() > correctFrom", "return least.Abs() >= 0"},
	{"en route after arrival is no milestone", "gateway/incident/tracker/judge.go", "case reached && k.at().After(at):", "case false:"},
	{"completed before arrival is flagged", "gateway/incident/tracker/judge.go", "alertCompletedEarly(k observation) {", "alertCompletedEarly(k observation) {\n\treturn"},
	{"a correction decides", "gateway/incident/tracker/judge.go", "if c := p.correction(incident.OnScene); c != nil {", "if c := p.correction(incident.OnScene); false {"},
	{"what was corrected is kept", "gateway/incident/tracker/revision.go", "m.Was, m.KnownAt = append(slices.Clip(old.Was), superseded(old, &m, e, reason)), e.Known.At", "m.KnownAt = e.Known.At"},
	{"sent twice is sent once", "gateway/incident/tracker/spans.go", "if open && spans[last].incident() == s.incident() {", "if false {"},
	{"each device has its own track", "gateway/incident/tracker/stay.go", "if p.stays[i].device == device {", "if true {"},
	{"the unit arrives with its first device", "gateway/incident/tracker/stay.go", "keyAt(f.arrived.At, f.arrived.By).Compare(keyAt(first.At, first.By)) < 0", "keyAt(f.arrived.At, f.arrived.By).Compare(keyAt(first.At, first.By)) > 0"},
	{"a key is asked of its own device", "gateway/incident/tracker/arrival.go", "if e.Origin.Device == device {", "if true {"},
	{"the first end stands", "gateway/incident/tracker/incidentstate.go", "if f.status != \"\" {", "if false {"},
	{"sent to what ended is on nothing", "gateway/incident/tracker/spans.go", "by := t.endedBy(s.incident(), e.Own); by != nil", "by := t.endedBy(s.incident(), e.Own); by != nil && false"},
	{"a correction is about the time that it names", "gateway/incident/tracker/spans.go", "best < 0 || d <= off", "best < 0 || d <= off || true"},
	{"a person's time is certified as that", "gateway/incident/tracker/judge.go", "Verdict: incident.Corrected, Other: was.Other", "Verdict: was.Verdict, Other: was.Other"},
	{"done is who does not go on", "gateway/incident/tracker/judge.go", "case e.pressed(devices.StatusCompleted) && atWork:", "case e.pressed(devices.StatusCompleted) && atWork && !k.exists():"},
	{"completed before arrival does not stay", "gateway/incident/tracker/judge.go", "k, sure := lastCompleted(keys, arrived)", "k, sure := early, true"},
	{"what repeats is one alert", "gateway/incident/tracker/repeated.go", "return kind == unknownCode || kind == radioState", "return false"},
	{"an alert that was seen counts no more", "gateway/incident/tracker/repeated.go", "ack != nil && knownOf(ack).Compare(at) < 0", "ack != nil && knownOf(ack).Compare(at) < 0 && false"},
	{"sent elsewhere is moved", "gateway/incident/tracker/spans.go", "end(endMoved)", "_ = endMoved"},
	{"reopening gives the units back", "gateway/incident/tracker/spans.go", "s.incident() == act.Incident && s.ended == endClosed", "false"},
	{"available lets go only after completed", "gateway/incident/tracker/spans.go", "if s.done && s.until.IsZero() {", "if s.until.IsZero() {"},
	{"a merger moves the units", "gateway/incident/tracker/spans.go", "s.path = t.path(s.path[0], e.Own)", "_ = t"},
	{"a repeated key is one press", "gateway/incident/tracker/judge.go", "k.at().Sub(out[n-1].At) < retry", "false"},
	{"a retained message starts nothing", "gateway/incident/tracker/reports.go", "if key.exists() && !r.Retained {", "if key.exists() {"},
	{"the first to acknowledge stands", "gateway/incident/tracker/acts.go", "if first != nil && keyAt", "if false && keyAt"},
	{"clocks that differ are named", "gateway/incident/sop/intervals.go", "if math.Abs(a-b) > agreeWithinS {", "if math.Abs(a-b) < 0 {"},
	{"a key in the second of the order answers it", "gateway/incident/tracker/times.go", "return receivedAt\n\t}\n\treturn at\n}\n\n// siteAgrees", "return at\n\t}\n\treturn at\n}\n\n// siteAgrees"},
	{"no stage before the order", "gateway/incident/tracker/judge.go", "if m.At.Before(p.from) {", "if false {"},
	{"a missing end is no interval", "gateway/incident/sop/intervals.go", "if from.IsZero() || to.IsZero() {\n\t\t\treturn", "if false {\n\t\t\treturn"},
	{"warning at 80 %", "gateway/incident/sop/clocks.go", "p.WarnAt > 0 && used >=", "false && used >="},
	{"a category's own limit", "gateway/incident/sop/clocks.go", "own {\n\t\treturn limit", "own && false {\n\t\treturn limit"},
}

// TestMutants breaks the rules on purpose, one by one; the scenario book must notice.
func TestMutants(t *testing.T) {
	t.Parallel()
	list := rules
	if !*allMutants {
		list = mutants.Sample(rules, 3)
	}
	for _, m := range list {
		t.Run(strings.ReplaceAll(m.rule, " ", "-"), func(t *testing.T) {
			broken := mutants.Mutant{Rule: m.rule, File: m.file, Old: m.old, New: m.new}
			broken.Notice(t, mutants.Tests{Package: "./gateway/incident/tracker", Run: "^TestScenarios$"})
		})
	}
}
