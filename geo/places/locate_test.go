package places_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"htgateway/geo/places"
)

func TestLocate(t *testing.T) {
	t.Parallel()
	g := majalengka(t).Of("Kabupaten Majalengka")
	for address, want := range map[string][]string{
		"Ds. Cigasong Kec. Cigasong":                             {"Cigasong, Kec. Cigasong"},
		"DESA CIGASONG, KECAMATAN CIGASONG, KAB. MAJALENGKA":     {"Cigasong, Kec. Cigasong"},
		"Pasar lama, Cigasong, Kec Cigasong":                     {"Cigasong, Kec. Cigasong"},
		"Kelurahan Majalengka Kulon":                             {"Majalengka Kulon, Kec. Majalengka"},
		"Kel.MajalengkaKulon":                                    {"Majalengka Kulon, Kec. Majalengka"},
		"depan SPBU majalengka wetan majalengka":                 {"Majalengka Wetan, Kec. Majalengka"},
		"desa Cipasng kec Lemahsugih":                            {"Cipasung, Kec. Lemahsugih"}, // a letter missing
		"desa Ciapsung":                                          {"Cipasung, Kec. Lemahsugih"}, // two swapped
		"ds cipasumg":                                            {"Cipasung, Kec. Lemahsugih"}, // one wrong
		"Kec. Talaga":                                            {"Kec. Talaga"},
		"Kecamatan Lemahsugh":                                    {"Kec. Lemahsugih"},
		"Lemahsugih, Majalengka":                                 {"Kec. Lemahsugih"}, // the village of that name lies in it
		"Kabupaten Majalengka":                                   nil,
		"Majalengka":                                             {"Kec. Majalengka"},
		"Desa Banjaran, Maja, Majalengka":                        {"Banjaran, Kec. Maja"},
		"Dusun Talaga, Desa Mekarwangi, Kec. Argapura":           {"Mekarwangi, Kec. Argapura"},
		"Jl. Raya Cikijing No. 12, Desa Cipasung Kec Lemahsugih": {"Cipasung, Kec. Lemahsugih"},
		"Jalan Raya Talaga km 3":                                 {"Kec. Talaga"}, // nothing else is named
		// Told, not guessed.
		"Desa Mekarwangi":               {"Mekarwangi, Kec. Lemahsugih", "Mekarwangi, Kec. Argapura"},
		"ds. banjaran":                  {"Banjaran, Kec. Banjaran", "Banjaran, Kec. Maja", "Banjaran, Kec. Sumberjaya"},
		"Sindang":                       {"Kec. Sindang", "Sindang, Kec. Cikijing", "Sindang, Kec. Sindang"},
		"Desa Cipasung, Kec. Kertajati": {"Cipasung, Kec. Lemahsugih", "Kec. Kertajati"}, // it does not lie there
		"":                              nil,
		"dekat masjid agung":            nil,
		"Bandung":                       nil,
	} {
		var got []string
		for _, p := range g.Locate(address) {
			got = append(got, p.String())
			if p.RadiusM < 100 {
				t.Errorf("%q: %s is known to %v m", address, p, p.RadiusM)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}

// TestEveryVillageIsFoundByItsFullName: also in capitals, and the ambiguous ones
// once their sub-district is named.
func TestEveryVillageIsFoundByItsFullName(t *testing.T) {
	t.Parallel()
	g := majalengka(t).Of("Kabupaten Majalengka")
	for _, v := range g.Villages() {
		for _, address := range []string{
			"Desa " + v.Name + ", Kecamatan " + v.District + ", Kabupaten Majalengka",
			strings.ToUpper("RT 02 RW 05 ds. " + v.Name + " kec. " + v.District),
		} {
			if got := g.Locate(address); len(got) != 1 || got[0] != v {
				t.Errorf("%q: %v", address, got)
			}
		}
	}
	for _, d := range g.Districts() {
		if got := g.Locate("Kec. " + d.Name); len(got) != 1 || got[0] != d {
			t.Errorf("%s: %v", d, got)
		}
	}
}

const square = `{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"village":"Titik","district":"Utara","radius_m":700},"geometry":{"type":"Point","coordinates":[108.25,-6.75]}},
 {"type":"Feature","properties":{"village":"Luas","district":"Selatan"},"geometry":{"type":"Polygon","coordinates":[[[108.2,-6.9],[108.22,-6.9],[108.22,-6.88],[108.2,-6.88],[108.2,-6.9]]]}},
 {"type":"Feature","properties":{"district":"Selatan"},"geometry":{"type":"MultiPolygon","coordinates":[[[[108.1,-7],[108.3,-7],[108.3,-6.76],[108.1,-6.76],[108.1,-7]]]]}}]}`

func TestGeoJSON(t *testing.T) {
	t.Parallel()
	g, err := places.Load(strings.NewReader(square))
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Locate("Desa Titik"); len(got) != 1 || got[0].RadiusM != 700 {
		t.Errorf("%+v", got)
	}
	if got := g.Locate("Luas"); len(got) != 1 || got[0].RadiusM < 1500 || got[0].RadiusM > 1600 { // half the diagonal of 2.2 km squared
		t.Errorf("%+v", got)
	}
	// The boundary decides, although the village of Utara is nearer.
	if got := g.District(orb.Point{108.25, -6.77}); got != "Selatan" {
		t.Errorf("lies in %q", got)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"":                                    "heading",
		"code,name\n":                         `no column "district"`,
		"district,village,lat,lon\n":          "no village",
		"district,village,lat,lon\nA,B,x,1\n": "line 2: latitude",
		"# c\ndistrict,village,lat,lon\nA,B,-6,108\nA,C,0,0\n":                         "line 4: geo: coordinate is null island",
		"district,village,lat,lon,radius_m\nA,B,-6,108,-5\n":                           "line 2: radius_m",
		"district,village,lat,lon\n,B,-6,108\n":                                        "line 2: a village needs",
		`{"type":"Feature"}`:                                                           "not FeatureCollection",
		`{"type":"FeatureCollection","features":[{"geometry":{"type":"LineString"}}]}`: `feature 1: geometry is "LineString"`,
		`{"type":"FeatureCollection","features":[{"properties":{"district":"A"},"geometry":{"type":"Polygon","coordinates":[[[108,-6],[108.1,-6],[108,-6]]]}}]}`: "feature 1: an area's rings",
		`{"type":`: "cannot read GeoJSON",
	} {
		if _, err := places.Load(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", file, err, want)
		}
	}
}

func FuzzLocate(f *testing.F) {
	f.Add("Ds. Cigasong Kec. Cigasong")
	f.Add("KAB. kec desa jl")
	f.Add("\xffdesa\x00")
	g := majalengka(f)
	f.Fuzz(func(t *testing.T, address string) {
		for _, p := range g.Locate(address) {
			if p.Name == "" || p.RadiusM <= 0 {
				t.Errorf("%q: %+v", address, p)
			}
		}
	})
}
