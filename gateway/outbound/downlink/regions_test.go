package downlink

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident"
)

// TestRegionsFollowTheUnits: a phone is sent the region of the incident that its
// unit is on, and of no other.
func TestRegionsFollowTheUnits(t *testing.T) {
	t.Parallel()
	at := &incident.Location{Lat: -6.8364, Lon: 108.2279}
	r := regions{}
	for _, c := range []struct {
		act  incident.Act
		want string
	}{
		{incident.Act{Kind: incident.ActOpen, Incident: "a", Opening: &incident.Opening{Number: "A", Location: at, ReceivedAt: start}}, ""},
		{incident.Act{Kind: incident.ActOpen, Incident: "b", Opening: &incident.Opening{Number: "B", ReceivedAt: start.Add(time.Minute)}}, ""},
		{incident.Act{Kind: incident.ActDispatch, Incident: "x", Units: []string{"andi"}}, ""},
		{incident.Act{Kind: incident.ActDispatch, Incident: "a", Units: []string{"andi", "budi", "citra"}}, "A andi budi citra"},
		{incident.Act{Kind: incident.ActDispatch, Incident: "a", Units: []string{"andi"}}, "A andi"},
		{incident.Act{Kind: incident.ActRelease, Incident: "a", Units: []string{"citra"}}, "no A citra"},
		{incident.Act{Kind: incident.ActDispatch, Incident: "b", Units: []string{"andi"}}, "no A andi; B andi"},
		{incident.Act{Kind: incident.ActRelocate, Incident: "b", Location: at}, "B andi"},
		{incident.Act{Kind: incident.ActNote, Incident: "a"}, ""},
		{incident.Act{Kind: incident.ActClose, Incident: "a"}, "no A budi"},
		{incident.Act{Kind: incident.ActReopen, Incident: "a"}, "A budi"},
		{incident.Act{Kind: incident.ActMerge, Incident: "a", Into: "b"}, "no A budi; B budi"},
		{incident.Act{Kind: incident.ActCancel, Incident: "b"}, "no B andi budi"},
	} {
		var said []string
		for _, l := range r.act(&c.act) {
			words := append([]string{l.Name}, l.units...)
			if l.drop {
				words = append([]string{"no"}, words...)
			}
			said = append(said, strings.Join(words, " "))
		}
		if got := strings.Join(said, "; "); got != c.want {
			t.Errorf("%s %s: sent %q, want %q", c.act.Kind, c.act.Incident, got, c.want)
		}
	}
}

// TestRegionThatIsOverIsNotSent: a region that waits for its phone is withdrawn when
// its incident ends, and nothing else is.
func TestRegionThatIsOverIsNotSent(t *testing.T) {
	t.Parallel()
	q := queue{link: "http", dialect: Posts()}
	for i, message := range []string{"sent", "waits", "other"} {
		q.add(Order{Message: message, Unit: "andi", Device: "owntracks:andi/phone"}, start)
		if i == 0 {
			e, _, _ := q.next(start)
			q.sent(e, nil, start)
		}
	}
	over := q.withdraw(func(o Order) bool { return o.Message != "other" }, "the incident is over", start)
	if len(over) != 1 || over[0].Message != "waits" || over[0].State != "expired" || over[0].Why != "the incident is over" {
		t.Errorf("withdrawn: %+v", over)
	}
	if len(q.orders) != 2 {
		t.Errorf("%d orders are left: %s", len(q.orders), fmt.Sprint(q.orders))
	}
}
