package tracker_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// lastCall is the call of each incident as a reader of the updates has it last, with "-" when
// it is in no figure.
func lastCall(updates []incident.Update) map[string]string {
	out := map[string]string{}
	for _, u := range updates {
		if m := u.Milestone; m != nil && m.Name == incident.Received {
			out[u.Incident] = fmt.Sprint(m.At.Sub(start))
			if m.Uncounted {
				out[u.Incident] += " -"
			}
		}
	}
	return out
}

func mergeInto(s int, id, into string) incident.Event {
	e := act(s, incident.ActMerge, id)
	e.Act.Into = into
	return e
}

func correctCall(s int, id string, to int) incident.Event {
	e := act(s, incident.ActCorrect, id)
	e.Act.Milestone, e.Act.MilestoneAt = incident.Received, at(to)
	return e
}

// TestFirstCallOfTheFamily: in whatever order the entries come, the incident that survives is
// judged from the earliest call of its family, and what was merged or cancelled is in no figure.
func TestFirstCallOfTheFamily(t *testing.T) {
	t.Parallel()
	arrived := []incident.Event{act(200, incident.ActDispatch, "i1", "damkar-1"), key(600, "fleetsync:102-1001", devices.StatusOnScene)}
	calls := []incident.Event{opened(100, "i1"), opened(20, "i2"), opened(60, "i3")}
	for _, c := range []struct {
		name     string
		acts     []incident.Event
		calls    string
		response time.Duration
	}{
		{"none merged", nil, "map[i1:1m40s i2:20s i3:1m0s]", 500 * time.Second},
		{"the earlier one merged", []incident.Event{mergeInto(300, "i2", "i1")}, "map[i1:20s i2:20s - i3:1m0s]", 580 * time.Second},
		{"over another", []incident.Event{mergeInto(300, "i2", "i3"), mergeInto(310, "i3", "i1")}, "map[i1:20s i2:20s - i3:1m0s -]", 580 * time.Second},
		{"and given back", []incident.Event{mergeInto(300, "i2", "i1"), act(400, incident.ActReopen, "i2")}, "map[i1:1m40s i2:20s i3:1m0s]", 500 * time.Second},
		{"its call corrected", []incident.Event{mergeInto(300, "i2", "i1"), correctCall(320, "i2", 10)}, "map[i1:10s i2:10s - i3:1m0s]", 590 * time.Second},
		{"the survivor's call corrected", []incident.Event{mergeInto(300, "i2", "i1"), correctCall(320, "i1", 90)}, "map[i1:20s i2:20s - i3:1m0s]", 580 * time.Second},
		{"another cancelled", []incident.Event{act(300, incident.ActCancel, "i3")}, "map[i1:1m40s i2:20s i3:1m0s -]", 500 * time.Second},
		{"cancelled and reopened", []incident.Event{act(300, incident.ActCancel, "i3"), act(301, incident.ActReopen, "i3")}, "map[i1:1m40s i2:20s i3:1m0s]", 500 * time.Second},
	} {
		events := numbered(slices.Concat(calls, arrived, c.acts))
		for seed := range int64(20) {
			if seed > 0 {
				rand.New(rand.NewSource(seed)).Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			}
			tr, updates := fold(events...)
			if got := fmt.Sprint(lastCall(updates)); got != c.calls {
				t.Fatalf("%s: calls are %s, want %s", c.name, got, c.calls)
			}
			course, _ := tr.Course("i1")
			if got := course.Units[0].OnScene.Sub(course.ReceivedAt); got != c.response {
				t.Fatalf("%s: judged by a response of %s, want %s", c.name, got, c.response)
			}
			live := map[string]bool{}
			for _, u := range updates {
				if u.Kind == incident.UpdateInterval {
					delete(live, intervalKey(u, u.BeforeInterval != nil))
					if u.Interval != nil {
						live[intervalKey(u, false)] = true
					}
				}
			}
			for name := range live {
				if tr, _ := tr.Incident(name[:2]); tr.MergedInto != "" || tr.Status == "cancelled" {
					t.Fatalf("%s: %s is in the figures", c.name, name)
				}
			}
		}
	}
}

func intervalKey(u incident.Update, before bool) string {
	iv := u.Interval
	if before {
		iv = u.BeforeInterval
	}
	if iv == nil {
		return ""
	}
	return fmt.Sprint(u.Incident, iv.Name, iv.Unit, iv.To)
}
