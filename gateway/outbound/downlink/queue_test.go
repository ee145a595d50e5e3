package downlink

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

var start = time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)

// play runs a script of what a radio's queue meets and returns what was journaled
// and written, as words.
func play(t *testing.T, dialect Dialect, orders []Order, events map[int]devices.Report, downUntil, seconds int) []string {
	t.Helper()
	q := queue{link: "roof", dialect: dialect}
	var out []string
	say := func(at int, d *journal.Delivery) {
		if d != nil {
			out = append(out, fmt.Sprintf("%ds %s %s #%d %s", at, d.Message, d.State, d.Attempt, d.Why))
		}
	}
	for _, o := range orders {
		say(0, q.add(o, start))
	}
	for s := range seconds {
		now := start.Add(time.Duration(s) * time.Second)
		if r, is := events[s]; is {
			if r.Link == "" {
				r.Link, r.ReceivedAt = q.link, now
			}
			say(s, q.heard(&r, now))
		}
		for {
			e, over, _ := q.next(now)
			for _, d := range over {
				say(s, &d)
			}
			if e == nil {
				break
			}
			var failure error
			if s < downUntil {
				failure = errors.New("port is not open")
			}
			say(s, q.sent(e, failure, now))
			if failure != nil && s > 0 && s%10 != 0 {
				t.Errorf("tried at %d s although it was not due", s)
			}
		}
	}
	return out
}

func TestQueue(t *testing.T) {
	t.Parallel()
	aprs, err := For(devices.KISS, "YB1MJL-1", []string{"WIDE1-1"})
	if err != nil {
		t.Fatal(err)
	}
	text := func(id string, device devices.Identity) Order {
		return Order{Message: id, Unit: "u", Device: device, Text: "MOHON UPDATE", Expires: start.Add(10 * time.Minute)}
	}
	kenwood := text("m", "fleetsync:102-1001")
	poll := kenwood
	poll.Poll = true
	accepted := devices.Report{Kind: devices.KindAck}
	failed := devices.Report{Kind: devices.KindAck, Text: "failed"}
	over := text("m", "aprs:YB1ZZZ-9")
	where := over
	where.Poll = true
	place := devices.Report{Kind: devices.KindPosition, Device: where.Device, Fix: newFix()}
	// heard is what another link heard, so many seconds into the script.
	heard := func(r devices.Report, s int) devices.Report {
		r.Link, r.ReceivedAt = "hill", start.Add(time.Duration(s)*time.Second)
		return r
	}
	ackOf := func(o Order, words string) devices.Report {
		return devices.Report{ID: "r", Kind: devices.KindAck, Device: o.Device, To: "YB1MJL-1", Sequence: o.number(), Text: words}
	}
	short := over
	short.Expires = start.Add(20 * time.Second)
	for _, c := range []struct {
		name    string
		dialect Dialect
		orders  []Order
		events  map[int]devices.Report
		want    []string
	}{
		{"text accepted", kenwoodDialect{}, []Order{kenwood}, map[int]devices.Report{1: accepted}, []string{"0s m sent #1 ", "1s m delivered #1 "}},
		{"text refused, then accepted", kenwoodDialect{}, []Order{kenwood}, map[int]devices.Report{1: failed, 3: accepted}, []string{"0s m sent #1 ", "2s m sent #2 ", "3s m delivered #2 "}},
		{"silence", kenwoodDialect{}, []Order{kenwood}, nil, []string{"0s m sent #1 ", "10s m sent #2 ", "20s m sent #3 ", "30s m failed #3 no answer after 3 attempts"}},
		{"one at a time", kenwoodDialect{}, []Order{kenwood, text("n", "fleetsync:102-1002")}, map[int]devices.Report{4: accepted, 6: accepted},
			[]string{"0s m sent #1 ", "4s m delivered #1 ", "4s n sent #1 ", "6s n delivered #1 "}},
		{"poll is answered by the position", kenwoodDialect{}, []Order{poll}, map[int]devices.Report{1: accepted, 5: {Kind: devices.KindPosition, Device: poll.Device, Fix: newFix()}},
			[]string{"0s m sent #1 ", "5s m delivered #1 "}},
		{"APRS retries until the ack", aprs, []Order{over}, map[int]devices.Report{50: ackOf(over, "ack")},
			[]string{"0s m sent #1 ", "15s m sent #2 ", "45s m sent #3 ", "50s m delivered #3 "}},
		{"APRS rejection", aprs, []Order{over}, map[int]devices.Report{2: ackOf(over, "rej")}, []string{"0s m sent #1 ", "2s m failed #1 refused: rej"}},
		{"APRS acks do not wait for each other", aprs, []Order{over, text("n", "aprs:YB1YYY-7")}, map[int]devices.Report{2: ackOf(over, "ack"), 3: ackOf(text("n", "aprs:YB1YYY-7"), "ack")},
			[]string{"0s m sent #1 ", "0s n sent #1 ", "2s m delivered #1 ", "3s n delivered #1 "}},
		{"somebody else's ack", aprs, []Order{short}, map[int]devices.Report{2: {Kind: devices.KindAck, Device: over.Device, To: "YB1ABC", Sequence: over.number(), Text: "ack"}},
			[]string{"0s m sent #1 ", "15s m sent #2 ", "20s m expired #2 no answer after 2 attempts"}},
		{"APRS position request is answered by the station's position", aprs, []Order{where}, map[int]devices.Report{2: {Kind: devices.KindPosition, Device: "aprs:YB1YYY-7", Fix: newFix()}, 4: place},
			[]string{"0s m sent #1 ", "4s m delivered #1 "}},
		{"and by one that another link heard first", aprs, []Order{where}, map[int]devices.Report{4: heard(place, 4)}, []string{"0s m sent #1 ", "4s m delivered #1 "}},
		{"but not by one from before it, delivered late", aprs, []Order{where}, map[int]devices.Report{4: heard(place, -60), 9: heard(place, 9)}, []string{"0s m sent #1 ", "9s m delivered #1 "}},
		{"what another link's own radio answers is not about it", kenwoodDialect{}, []Order{kenwood}, map[int]devices.Report{1: heard(accepted, 1), 2: accepted}, []string{"0s m sent #1 ", "2s m delivered #1 "}},
		{"acknowledgement is sent once", aprs, []Order{{Message: "r", Device: over.Device, Acknowledges: "7", Expires: start.Add(time.Minute)}}, nil, []string{"0s r sent #1 "}},
		{"TETRA: sent, then received", tetraDialect{}, []Order{text("m", "tetra:1234567")},
			map[int]devices.Report{1: {Kind: devices.KindAck, Raw: []byte("OK")}, 5: {Kind: devices.KindAck, Device: "tetra:1234567", Sequence: fmt.Sprint(text("m", "").reference()), Text: "received"}},
			[]string{"0s m sent #1 ", "5s m delivered #1 "}},
		{"the same order twice", kenwoodDialect{}, []Order{kenwood, kenwood}, map[int]devices.Report{1: accepted}, []string{"0s m sent #1 ", "1s m delivered #1 "}},
	} {
		if got := play(t, c.dialect, c.orders, c.events, 0, 120); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestDownPort: nothing is sent while the port is down, no attempt is counted and
// the reason is journaled once.
func TestDownPort(t *testing.T) {
	t.Parallel()
	o := Order{Message: "m", Unit: "u", Device: "fleetsync:102-1001", Text: "x", Expires: start.Add(time.Minute)}
	got := play(t, kenwoodDialect{}, []Order{o}, map[int]devices.Report{41: {Kind: devices.KindAck}}, 35, 50)
	if want := []string{"0s m queued #0 port is not open", "40s m sent #1 ", "41s m delivered #1 "}; fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("got %q, want %q", got, want)
	}
	got = play(t, kenwoodDialect{}, []Order{o}, nil, 1000, 90)
	if want := []string{"0s m queued #0 port is not open", "60s m expired #0 nothing was sent in time"}; fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	q := queue{link: "roof", dialect: kenwoodDialect{}}
	refused := 0
	for i := range queueLength + 5 {
		if d := q.add(Order{Message: fmt.Sprint(i), Device: "fleetsync:102-1001", Text: "x"}, start); d != nil && d.State == journal.DeliveryFailed {
			refused++
		}
	}
	if refused != 5 {
		t.Errorf("%d refused, want 5", refused)
	}
}
func newFix() *geo.Fix { return &geo.Fix{Point: orb.Point{108.2, -6.8}} }
