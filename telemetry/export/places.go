package export

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"strconv"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// fixValues finds the values of a fix by their columns' names.
type fixValues map[string]int

func fixColumns() fixValues {
	at := fixValues{}
	for i, c := range columns(Fixes) {
		at[c.name] = i
	}
	return at
}

func (at fixValues) number(r Row, name string) (float64, bool) {
	v, known := r[at[name]].(float64)
	return v, known
}

func (at fixValues) text(r Row, name string) string {
	s, _ := r[at[name]].(string)
	return s
}

// time is the fix's, which every row has.
func (at fixValues) time(r Row) time.Time {
	t, _ := r[at["time"]].(time.Time)
	return t
}

// geoJSONWriter writes one FeatureCollection (RFC 7946), longitude first.
type geoJSONWriter struct {
	out   *bufio.Writer
	cols  []column
	at    fixValues
	begun bool
}

func newGeoJSON(out *bufio.Writer, cols []column) *geoJSONWriter {
	return &geoJSONWriter{out: out, cols: cols, at: fixColumns()}
}

func (w *geoJSONWriter) row(r Row) error {
	lead := ",\n"
	if !w.begun {
		lead, w.begun = `{"type":"FeatureCollection","features":[`+"\n", true
	}
	lat, _ := w.at.number(r, "lat")
	lon, _ := w.at.number(r, "lon")
	f := geojson.NewFeature(orb.Point{lon, lat})
	for i, c := range w.cols {
		if r[i] != nil && c.name != "lat" && c.name != "lon" {
			f.Properties[c.name] = r[i]
		}
	}
	b, err := f.MarshalJSON()
	if err != nil {
		return fmt.Errorf("cannot encode a fix: %w", err)
	}
	if _, err := w.out.WriteString(lead); err != nil {
		return err
	}
	_, err = w.out.Write(b)
	return err
}

func (w *geoJSONWriter) end() error {
	tail := "\n]}\n"
	if !w.begun {
		tail = `{"type":"FeatureCollection","features":[]}` + "\n"
	}
	_, err := w.out.WriteString(tail)
	return err
}

// newSegmentAfter is the silence after which a track goes on in a new segment, so
// that no program draws a line through where nobody was seen.
const newSegmentAfter = 10 * time.Minute

// extensionsSpace names the elements that GPX has no place for: speed in metres a
// second, course in degrees from north, accuracy in metres.
const extensionsSpace = "urn:htgateway:fix:1"

// gpxWriter writes GPX 1.1 (https://www.topografix.com/GPX/1/1/): one trk a unit.
type gpxWriter struct {
	out         *bufio.Writer
	at          fixValues
	begun, open bool
	unit        string
	last        time.Time
}

func newGPX(out *bufio.Writer) *gpxWriter { return &gpxWriter{out: out, at: fixColumns()} }

const gpxHead = xml.Header + `<gpx version="1.1" creator="htgateway" xmlns="http://www.topografix.com/GPX/1/1" xmlns:ht="` + extensionsSpace + `" ` +
	`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd">` + "\n"

func (w *gpxWriter) begin() {
	if !w.begun {
		w.begun = true
		w.say(gpxHead)
	}
}

func (w *gpxWriter) row(r Row) error {
	w.begin()
	unit, at := w.at.text(r, "unit"), w.at.time(r)
	switch {
	case !w.open || unit != w.unit:
		w.endTrack()
		w.say("<trk><name>")
		w.text(unit)
		w.say("</name>")
		if agency := w.at.text(r, "agency"); agency != "" {
			w.say("<desc>")
			w.text(agency)
			w.say("</desc>")
		}
		w.say("<trkseg>\n")
		w.open, w.unit = true, unit
	case at.Sub(w.last) > newSegmentAfter:
		w.say("</trkseg><trkseg>\n")
	}
	w.last = at
	w.point(r, at)
	// A bufio.Writer keeps its first error and gives it here.
	_, err := w.out.WriteString("</trkpt>\n")
	return err
}

// point writes a trkpt but for its end; the order of its elements is the schema's.
func (w *gpxWriter) point(r Row, at time.Time) {
	lat, _ := w.at.number(r, "lat")
	lon, _ := w.at.number(r, "lon")
	w.say(`<trkpt lat="` + decimal(lat) + `" lon="` + decimal(lon) + `">`)
	if m, known := w.at.number(r, "altitude_m"); known {
		w.say("<ele>" + decimal(m) + "</ele>")
	}
	w.say("<time>" + at.Format(time.RFC3339Nano) + "</time>")
	if device := w.at.text(r, "device"); device != "" {
		w.say("<src>")
		w.text(device)
		w.say("</src>")
	}
	begun := false
	for _, name := range []string{"speed_mps", "course_deg", "accuracy_m"} {
		v, known := w.at.number(r, name)
		if !known {
			continue
		}
		if !begun {
			begun = true
			w.say("<extensions>")
		}
		w.say("<ht:" + name + ">" + decimal(v) + "</ht:" + name + ">")
	}
	if begun {
		w.say("</extensions>")
	}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (w *gpxWriter) say(s string) { _, _ = w.out.WriteString(s) } // row and end give the error

func (w *gpxWriter) text(s string) { _ = xml.EscapeText(w.out, []byte(s)) } // as say

func (w *gpxWriter) endTrack() {
	if w.open {
		w.say("</trkseg></trk>\n")
	}
}

func (w *gpxWriter) end() error {
	w.begin()
	w.endTrack()
	_, err := w.out.WriteString("</gpx>\n")
	return err
}
