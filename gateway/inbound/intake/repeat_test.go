package intake_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/aprs"
	"htgateway/devices/protocol/kenwood"
	"htgateway/devices/protocol/meshtastic"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// presses are the statuses of the journal's reports, in order, "-" where there is
// none.
func presses(t *testing.T, j *sqlite.Journal) []string {
	t.Helper()
	entries, err := j.Read(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.Kind != journal.KindReport {
			continue
		}
		var r devices.Report
		if err := json.Unmarshal(e.Body, &r); err != nil {
			t.Fatal(err)
		}
		if r.Status == "" {
			r.Status = "-"
		}
		out = append(out, string(r.Status))
	}
	return out
}

func packet(link, text string, at time.Duration) intake.Heard {
	r := devices.Report{Protocol: devices.APRS, ReceivedAt: start.Add(at)}
	p, err := aprs.Split([]byte(text))
	if err == nil {
		err = aprs.Read(p, &r)
	}
	r.Said = aprs.Said(p)
	return intake.Heard{Frame: devices.Frame{Raw: []byte(text), Report: r, Err: err}, Link: link}
}

// mesh is a node's canned message or position as one gateway node passes it on, with
// that node's own clock.
func mesh(via, kind, payload string, id int, at time.Duration) intake.Heard {
	body := fmt.Appendf(nil, `{"from":1128041132,"to":-1,"id":%d,"type":%q,"payload":%s,"sender":%q,"timestamp":%d}`,
		id, kind, payload, via, start.Add(at-time.Duration(len(via)-8)*time.Second).Unix())
	r, err := meshtastic.NewDecoder(nil).Decode("", body, start.Add(at))
	return intake.Heard{Frame: devices.Frame{Raw: body, Report: r, Err: err}, Link: "mqtt"}
}

func sentence(text string, at time.Duration) intake.Heard {
	r, err := kenwood.NewDecoder().Decode([]byte(text))
	r.ReceivedAt = start.Add(at)
	return intake.Heard{Frame: devices.Frame{Raw: []byte(text), Report: r, Err: err}, Link: "roof"}
}

func TestRepetitionsAreNoPresses(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	committed := func(path string) string { return "YB0TST-9>0VQ0U2" + path + ":`rM[l \x1c>/" }
	for _, c := range []struct {
		name  string
		heard []intake.Heard
		want  []string
	}{
		{"a dial that beacons", []intake.Heard{
			packet("a", committed(""), 0), packet("a", committed(""), time.Minute), packet("a", "YB0TST-9>0V10U2:`rM[l \x1c>/", 2*time.Minute),
		}, []string{"on_scene", "-", "completed"}},
		{"a status text that beacons", []intake.Heard{
			packet("a", "YB1ZZZ>APRS:>TIBA", 0), packet("a", "YB1ZZZ>APRS:>TIBA ", time.Hour), packet("a", "YB1ZZZ>APRS:>OTW", 2*time.Hour), packet("a", "YB1ZZZ>APRS:>TIBA", 3*time.Hour),
		}, []string{"on_scene", "-", "en_route", "on_scene"}},
		{"a digipeater's late copy of the old dial", []intake.Heard{
			packet("a", "YB0TST-9>0V10U2:`rM[l \x1c>/", 0), packet("a", committed(""), 5*time.Second),
			packet("a", "YB0TST-9>0V10U2,WIDE1*:`rM[l \x1c>/", 10*time.Second), packet("a", committed(""), time.Minute),
		}, []string{"completed", "on_scene", "-"}},
		{"a numbered message sent again", []intake.Heard{
			packet("a", "YB1ZZZ>APRS::YB1MJL   :TIBA{1", 0), packet("a", "YB1ZZZ>APRS::YB1MJL   :TIBA{1", time.Minute), packet("a", "YB1ZZZ>APRS,X*::YB1MJL   :TIBA{1", 3*time.Minute),
		}, []string{"on_scene"}},
		{"the same number a day later is another message", []intake.Heard{
			packet("a", "YB1ZZZ>APRS::YB1MJL   :TIBA{1", 0), packet("a", "YB1ZZZ>APRS::YB1MJL   :TIBA{1", day),
		}, []string{"on_scene", "on_scene"}},
		{"a mesh packet over two gateway nodes", []intake.Heard{
			mesh("!32962f10", "text", "3", 7, 0), mesh("!433c8aac", "text", `{"text":"3"}`, 7, 9*time.Minute),
		}, []string{"on_scene"}},
		{"a packet number that comes again after the node was off", []intake.Heard{
			mesh("!32962f10", "text", "3", 7, 0), mesh("!32962f10", "text", "4", 7, 11*time.Minute),
		}, []string{"on_scene", "in_progress"}},
		{"two packets with one text", []intake.Heard{
			mesh("!32962f10", "text", "3", 7, 0), mesh("!32962f10", "text", "3", 8, time.Second),
		}, []string{"on_scene", "on_scene"}},
		{"a mesh position with its sender's time, an hour later over another node", []intake.Heard{
			mesh("!32962f10", "position", `{"latitude_i":-68364000,"longitude_i":1082279000,"time":1795402800}`, 7, 0),
			mesh("!433c8aac", "position", `{"latitude_i":-68364000,"longitude_i":1082279000,"time":1795402800}`, 7, time.Hour),
		}, []string{"-"}},
		{"one burst under two headers", []intake.Heard{
			sentence("$PKLID,00,100,1001,13,00,*69", 0),
			sentence("$PKLDS,122434,A,0649.9600,S,10813.6600,E,001.1,194.9,130226,19.20,W00,100,1001,13,00,*", 300*time.Millisecond),
		}, []string{"on_scene", "-"}},
		{"two presses of one key", []intake.Heard{
			sentence("$PKLID,00,100,1001,13,00,*69", 0), sentence("$PKLID,00,100,1001,13,00,*69", 5*time.Second),
		}, []string{"on_scene", "on_scene"}},
		{"answers that name nobody are each new", []intake.Heard{sentence("\x020\x03", 0), sentence("\x020\x03", time.Second)}, []string{"-", "-"}},
	} {
		j := open(t, t.TempDir())
		in := newIntake(j)
		for _, h := range c.heard {
			if h.Err != nil && len(h.Raw) > 80 { // the checksum that the table leaves open
				h = sentence(withSum(string(h.Raw)), h.Report.ReceivedAt.Sub(start))
			}
			if err := in.Take(t.Context(), h); err != nil {
				t.Fatal(err)
			}
		}
		got := presses(t, j)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}

func withSum(s string) string {
	var sum byte
	for _, c := range []byte(s[1 : len(s)-1]) {
		sum ^= c
	}
	const digits = "0123456789ABCDEF"
	return s + string(digits[sum>>4]) + string(digits[sum&15])
}

// TestEveryMeshGatewayIsAHearing: who passed a packet on is kept, also for the
// reader after a restart.
func TestEveryMeshGatewayIsAHearing(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	j := open(t, place)
	in := newIntake(j)
	for _, h := range []intake.Heard{
		mesh("!32962f10", "text", "3", 7, 0), mesh("!433c8aac", "text", "3", 7, time.Second),
		mesh("!433c8aac", "text", "3", 7, 2*time.Second), mesh("!7efeee00", "text", "3", 7, 3*time.Second),
	} {
		if err := in.Take(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	if l := in.Ledger("mqtt"); l.Stored != 1 || l.Duplicates != 3 || !l.Balanced() {
		t.Errorf("%+v", l)
	}
	again := newIntake(j)
	if err := again.Recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := again.Hearers("mqtt"); len(got) != 3 || got[1] != "!433c8aac" || got[2] != "!7efeee00" {
		t.Errorf("hearers %q", got)
	}
	if got := kinds(t, j); got[journal.KindReport] != 1 || got[journal.KindHearing] != 2 {
		t.Errorf("%v", got)
	}
	// A copy that comes after the restart is still known.
	if err := again.Take(t.Context(), mesh("!32962f10", "text", "3", 7, time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := kinds(t, j); got[journal.KindReport] != 1 {
		t.Errorf("%v", got)
	}
}
