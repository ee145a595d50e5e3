package places

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"htgateway/geo"
)

// maxRadiusM is the largest uncertainty that a file may give a place, in metres.
const maxRadiusM = 50_000

// Load reads a county's places: a CSV table, or GeoJSON. configs/places/README.md
// says what each may hold. Errors name the row or feature.
func Load(r io.Reader) (*Gazetteer, error) {
	file, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("places: cannot read the file: %w", err)
	}
	file = bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
	g := &Gazetteer{}
	if bytes.HasPrefix(bytes.TrimSpace(file), []byte("{")) {
		err = g.readGeoJSON(file)
	} else {
		err = g.readTable(file)
	}
	if err != nil {
		return nil, fmt.Errorf("places: %w", err)
	}
	if len(g.villages) == 0 {
		return nil, errors.New("places: the file has no village")
	}
	g.gather()
	return g, nil
}

// Of says which county it is, as its name ends addresses: "Kabupaten Majalengka" is
// not the sub-district Majalengka.
func (g *Gazetteer) Of(county string) *Gazetteer {
	words := strings.FieldsFunc(strings.ToLower(county), func(r rune) bool { return r == ' ' || r == '(' || r == ')' })
	if len(words) > 1 {
		g.county = words[1]
	}
	return g
}

// readTable reads CSV after comment lines that start with '#'.
func (g *Gazetteer) readTable(file []byte) error {
	table := csv.NewReader(bytes.NewReader(file))
	table.Comment = '#'
	table.FieldsPerRecord = -1
	heading, err := table.Read()
	if err != nil {
		return fmt.Errorf("cannot read the heading: %w", err)
	}
	column := map[string]int{}
	for i, name := range heading {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"district", "village", "lat", "lon"} {
		if _, has := column[name]; !has {
			return fmt.Errorf("the table has no column %q", name)
		}
	}
	for {
		row, err := table.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot read the table: %w", err)
		}
		line, _ := table.FieldPos(0)
		cell := func(name string) string {
			if i, has := column[name]; has && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		if err := g.addRow(cell); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func (g *Gazetteer) addRow(cell func(string) string) error {
	lat, err := strconv.ParseFloat(cell("lat"), 64)
	if err != nil {
		return fmt.Errorf("latitude: %w", err)
	}
	lon, err := strconv.ParseFloat(cell("lon"), 64)
	if err != nil {
		return fmt.Errorf("longitude: %w", err)
	}
	radius := 0.0
	if text := cell("radius_m"); text != "" {
		if radius, err = strconv.ParseFloat(text, 64); err != nil {
			return fmt.Errorf("radius_m: %w", err)
		}
	}
	return g.add(Place{Name: cell("village"), District: cell("district"), Point: orb.Point{lon, lat}, RadiusM: radius})
}

// add takes one village.
func (g *Gazetteer) add(v Place) error {
	if v.Name == "" || v.District == "" {
		return errors.New("a village needs village and district")
	}
	if err := geo.CheckPoint(v.Point); err != nil {
		return err
	}
	if !(v.RadiusM >= 0 && v.RadiusM <= maxRadiusM) { // NaN too
		return fmt.Errorf("radius_m %v is not between 0 and %d", v.RadiusM, maxRadiusM)
	}
	g.villages = append(g.villages, v)
	return nil
}

// readGeoJSON reads a FeatureCollection: villages as points or areas, and areas
// without a village as the boundaries of sub-districts.
func (g *Gazetteer) readGeoJSON(file []byte) error {
	var doc struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}
	if err := json.Unmarshal(file, &doc); err != nil {
		return fmt.Errorf("cannot read GeoJSON: %w", err)
	}
	if doc.Type != "FeatureCollection" {
		return fmt.Errorf("GeoJSON type is %q, not FeatureCollection", doc.Type)
	}
	for i, f := range doc.Features {
		if err := g.addFeature(f); err != nil {
			return fmt.Errorf("feature %d: %w", i+1, err)
		}
	}
	return nil
}

// feature is a GeoJSON feature (RFC 7946, section 3.2) with the members that are
// read here. orb/geojson would bring MongoDB's driver with it.
type feature struct {
	Properties struct {
		Village  string  `json:"village"`
		District string  `json:"district"`
		RadiusM  float64 `json:"radius_m"`
	} `json:"properties"`
	Geometry struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

func (g *Gazetteer) addFeature(f feature) error {
	v := Place{Name: strings.TrimSpace(f.Properties.Village), District: strings.TrimSpace(f.Properties.District), RadiusM: f.Properties.RadiusM}
	var area orb.MultiPolygon
	var err error
	switch f.Geometry.Type {
	case "Point":
		if err := json.Unmarshal(f.Geometry.Coordinates, &v.Point); err != nil {
			return fmt.Errorf("coordinates: %w", err)
		}
		return g.add(v)
	case "Polygon":
		area = make(orb.MultiPolygon, 1)
		err = json.Unmarshal(f.Geometry.Coordinates, &area[0])
	case "MultiPolygon":
		err = json.Unmarshal(f.Geometry.Coordinates, &area)
	default:
		return fmt.Errorf("geometry is %q, not Point, Polygon or MultiPolygon", f.Geometry.Type)
	}
	if err != nil {
		return fmt.Errorf("coordinates: %w", err)
	}
	if err := checkArea(area); err != nil {
		return err
	}
	if v.Name != "" {
		v.Point, _ = planar.CentroidArea(area)
		for _, p := range corners(area) {
			v.RadiusM = max(v.RadiusM, geo.Distance(v.Point, p))
		}
		return g.add(v)
	}
	if v.District == "" {
		return errors.New("an area needs district")
	}
	g.bounds = append(g.bounds, bound{v.District, area})
	return nil
}

func corners(area orb.MultiPolygon) []orb.Point {
	var out []orb.Point
	for _, polygon := range area {
		for _, ring := range polygon {
			out = append(out, ring...)
		}
	}
	return out
}

func checkArea(area orb.MultiPolygon) error {
	for _, polygon := range area {
		if len(polygon) == 0 || slices.ContainsFunc(polygon, func(r orb.Ring) bool { return len(r) < 4 || !r.Closed() }) {
			return errors.New("an area's rings need four points or more, the last like the first")
		}
	}
	for _, p := range corners(area) {
		if err := geo.CheckPoint(p); err != nil {
			return err
		}
	}
	return nil
}
