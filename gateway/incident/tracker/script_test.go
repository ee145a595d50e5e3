package tracker_test

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/geo"
)

// testdata/scenarios/README.md says how events.txt is written. A script is such a
// file as read.
type script struct {
	steps []step
	// looks are the moments at which somebody looks at the clocks.
	looks []time.Time
}

// step is one event and when the gateway had it.
type step struct {
	heard time.Time
	event incident.Event
	// seen names the alert of a "seen" line, which has its id only once it was raised.
	seen *incident.Alert
}

// day is the date of a time that is written without one.
const day = "2026-11-23T"

// scenarioUnits are the cast: two fire engines, an ambulance and a patrol car. Each
// has a radio without a clock of its own, and a phone.
func scenarioUnits() []incident.Unit {
	var out []incident.Unit
	for _, u := range []incident.Unit{
		{ID: "D1", CallSign: "DAMKAR 1", Agency: "Damkar", Devices: []devices.Identity{"fleetsync:102-1001"}},
		{ID: "D2", CallSign: "DAMKAR 2", Agency: "Damkar", Devices: []devices.Identity{"fleetsync:102-1002"}},
		{ID: "A1", CallSign: "PSC 1", Agency: "PSC 119", Devices: []devices.Identity{"nexedge:00103"}},
		{ID: "P1", CallSign: "PATROLI 1", Agency: "Polres", Devices: []devices.Identity{"tetra:1234567"}},
	} {
		u.Devices = append(u.Devices, devices.Identity("owntracks:"+u.ID+"/phone"))
		out = append(out, u)
	}
	return out
}

func radioOf(unit string) devices.Identity {
	for _, u := range scenarioUnits() {
		if u.ID == unit {
			return u.Devices[0]
		}
	}
	return devices.Identity(unit) // an unknown device, by its own name
}

func readScript(t testing.TB, path string) script {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out script
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		l, err := parseLine(text)
		if err != nil {
			t.Fatalf("%s:%d: %v", path, n, err)
		}
		if l.words[0] == "look" {
			out.looks = append(out.looks, l.at)
			continue
		}
		s, err := l.step()
		if err != nil {
			t.Fatalf("%s:%d: %v", path, n, err)
		}
		out.steps = append(out.steps, s)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	// The journal has the events in the order in which they were heard.
	slices.SortStableFunc(out.steps, func(a, b step) int { return a.heard.Compare(b.heard) })
	return out
}

// line is a line of a script, its options taken out of the words.
type line struct {
	at      time.Time
	words   []string
	options map[string]string
	flags   map[string]bool
	place   *orb.Point
	reason  string
}

// Options take the word after them; flags stand alone.
var (
	lineOptions = []string{"heard", "by", "from", "acc", "speed", "radius", "called", "on"}
	lineFlags   = []string{"blurred", "nolock", "retained", "undated", "nowhere", "powered"}
	metresEast  = regexp.MustCompile(`^([0-9.]+)m$`)
)

func parseLine(text string) (*line, error) {
	text, reason, _ := strings.Cut(text, " because ")
	words := strings.Fields(text)
	at, err := parseMoment(words[0])
	if err != nil {
		return nil, err
	}
	l := &line{at: at, options: map[string]string{}, flags: map[string]bool{}, reason: reason}
	for i := 1; i < len(words); i++ {
		w := words[i]
		switch {
		case i == 1 || !slices.Contains(lineOptions, w) && !slices.Contains(lineFlags, w) && metresEast.FindString(w) == "":
			l.words = append(l.words, w)
		case slices.Contains(lineFlags, w):
			l.flags[w] = true
		case i+1 == len(words):
			return nil, fmt.Errorf("nothing after %q", w)
		case slices.Contains(lineOptions, w):
			l.options[w] = words[i+1]
			i++
		default:
			if err := l.move(w, words[i+1]); err != nil {
				return nil, err
			}
			i++
		}
	}
	if len(l.words) == 0 {
		return nil, fmt.Errorf("nothing happens in %q", text)
	}
	return l, nil
}

// move reads "40m east"; several of them add up.
func (l *line) move(metres, direction string) error {
	m, err := strconv.ParseFloat(strings.TrimSuffix(metres, "m"), 64)
	if err != nil {
		return err
	}
	east, north := 0.0, 0.0
	switch direction {
	case "east":
		east = m
	case "west":
		east = -m
	case "north":
		north = m
	case "south":
		north = -m
	default:
		return fmt.Errorf("%q is no direction", direction)
	}
	if l.place == nil {
		l.place = &orb.Point{scene[0], scene[1]}
	}
	*l.place = offsetFrom(*l.place, east, north)
	return nil
}

// offsetFrom is the point so many metres east and north of another.
func offsetFrom(p orb.Point, east, north float64) orb.Point {
	const metresPerDegree = 111195.08 // of a sphere with the Earth's mean radius
	return orb.Point{p[0] + east/geo.Distance(p, orb.Point{p[0] + 1, p[1]}), p[1] + north/metresPerDegree}
}

func parseMoment(s string) (time.Time, error) {
	if !strings.Contains(s, "T") {
		s = day + s
	}
	return time.Parse("2006-01-02T15:04:05.999", s)
}

func (l *line) word(i int) string {
	if i < len(l.words) {
		return l.words[i]
	}
	return ""
}

func (l *line) step() (step, error) {
	switch l.words[0] {
	case "key", "code", "fix", "emergency", "text", "on":
		return l.reportStep()
	}
	return l.actStep()
}

func (l *line) number(option string) (geo.Reading, error) {
	if l.options[option] == "" {
		return geo.Reading{}, nil
	}
	v, err := strconv.ParseFloat(l.options[option], 64)
	return geo.Measured(v), err
}

func (l *line) reportStep() (step, error) {
	unit := l.word(1)
	r := &devices.Report{Device: radioOf(unit), Protocol: devices.Kenwood, Link: "roof", ReceivedAt: l.at, Retained: l.flags["retained"], PowerOn: l.flags["powered"]}
	phone := l.options["from"] == "phone"
	if phone {
		r.Device, r.Protocol, r.Link = devices.Identity("owntracks:"+unit+"/phone"), devices.OwnTracks, "broker"
		unit += "/phone"
	}
	r.ID = strings.Join([]string{l.words[0], unit, strings.Join(l.words[min(2, len(l.words)):], " "), clockTime(l.at)}, " ")
	r.ID = strings.ReplaceAll(r.ID, "  ", " ")
	if heard := l.options["heard"]; heard != "" {
		var err error
		if r.ReceivedAt, err = parseMoment(heard); err != nil {
			return step{}, err
		}
	}
	// A phone has a clock; a radio's key has none unless the script says when it was pressed.
	if (phone || l.options["heard"] != "" || l.words[0] == "fix") && !l.flags["undated"] {
		r.DeviceTime = l.at
	}
	accuracy, err := l.number("acc")
	if err != nil {
		return step{}, err
	}
	speed, err := l.number("speed")
	if err != nil {
		return step{}, err
	}
	if l.place != nil {
		r.Fix = &geo.Fix{Point: *l.place, AccuracyM: accuracy, SpeedMPS: speed, Time: r.DeviceTime, NoLock: l.flags["nolock"], Blurred: l.flags["blurred"]}
	}
	switch l.words[0] {
	case "fix":
		r.Kind = devices.KindPosition
		if r.Fix == nil {
			return step{}, fmt.Errorf("where is the fix?")
		}
	case "key":
		r.Kind, r.Status = devices.KindStatus, devices.Status(l.word(2))
		if !r.Status.Known() {
			return step{}, fmt.Errorf("%q is no status", l.word(2))
		}
	case "code":
		r.Kind, r.Status, r.StatusCode = devices.KindStatus, devices.StatusOther, l.word(2)
	case "emergency":
		r.Kind, r.Status, r.Emergency = devices.KindStatus, devices.StatusEmergency, true
	case "text":
		r.Kind, r.Text = devices.KindMessage, strings.Join(l.words[2:], " ")
	case "on":
		r.Kind, r.PowerOn = devices.KindOther, true
	}
	return step{heard: r.ReceivedAt, event: incident.Event{ID: r.ID, Report: r}}, nil
}

func (l *line) actStep() (step, error) {
	a := &incident.Act{Incident: l.word(1), By: "siti", At: l.at, Reason: l.reason}
	if by := l.options["by"]; by != "" {
		a.By = by
	}
	a.ID = strings.Join(append(slices.Clone(l.words), clockTime(l.at)), " ")
	s := step{heard: l.at, event: incident.Event{ID: a.ID, Act: a}}
	place, err := l.location()
	if err != nil {
		return step{}, err
	}
	switch a.Kind = incident.ActKind(l.words[0]); a.Kind {
	case incident.ActOpen:
		o := &incident.Opening{Number: a.Incident, Category: l.word(2), ReceivedAt: l.at, Location: place, Source: "dispatcher"}
		if a.By == incident.ByCADSystem {
			o.Source = "cad"
		}
		if at := l.options["called"]; at != "" {
			if o.ReceivedAt, err = parseMoment(at); err != nil {
				return step{}, err
			}
		}
		a.Opening = o
	case incident.ActDispatch, incident.ActRelease:
		a.Units = l.words[2:]
	case incident.ActRelocate:
		a.Location = place
	case incident.ActMerge:
		a.Into = l.word(3)
	case incident.ActNote:
		a.Text = l.reason
	case incident.ActCorrect: // correct I1 [D1] on_scene TIME
		words := l.words[2:]
		if len(words) == 3 {
			a.Units, words = words[:1], words[1:]
		}
		if len(words) != 2 {
			return step{}, fmt.Errorf("a correction names an incident, a unit, a milestone and a time")
		}
		a.Milestone = incident.MilestoneName(words[0])
		if a.MilestoneAt, err = parseMoment(words[1]); err != nil {
			return step{}, err
		}
	case "seen": // seen D1 emergency TIME
		at, err := parseMoment(l.word(3))
		if err != nil {
			return step{}, err
		}
		a.Kind, a.Incident = incident.ActAckAlert, l.options["on"]
		s.seen = &incident.Alert{Unit: l.word(1), Kind: l.word(2), At: at}
	case incident.ActClose, incident.ActCancel, incident.ActReopen, incident.ActReview:
	default:
		return step{}, fmt.Errorf("%q is nothing that happens", a.Kind)
	}
	return s, nil
}

// location is where an incident is: at the scene unless the line says otherwise.
func (l *line) location() (*incident.Location, error) {
	if l.flags["nowhere"] {
		return nil, nil
	}
	p := scene
	if l.place != nil {
		p = *l.place
	}
	radius, err := l.number("radius")
	if err != nil {
		return nil, err
	}
	out := &incident.Location{Lat: p[1], Lon: p[0], RadiusM: radius.Or(0)}
	if i := slices.Index(l.words, "area"); i >= 0 {
		var ring orb.Ring
		for _, corner := range l.words[i+1:] {
			var east, north float64
			if _, err := fmt.Sscanf(corner, "%f,%f", &east, &north); err != nil {
				return nil, fmt.Errorf("corner %q: %w", corner, err)
			}
			ring = append(ring, offsetFrom(scene, east, north))
		}
		out.Area = &incident.Polygon{Type: "Polygon", Coordinates: []orb.Ring{append(ring, ring[0])}}
		l.words = l.words[:i]
	}
	return out, out.Check()
}
