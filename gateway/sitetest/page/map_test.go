package page

import (
	"bytes"
	"context"
	bytewise "encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"google.golang.org/protobuf/encoding/protowire"

	"htgateway/gateway/sitetest"
)

// level is the one zoom level of the tests' tiles; the map enlarges them.
const level = 4

// Types of tiles and compression in a PMTiles file.
const (
	vectorTiles, pngTiles = 1, 2
	uncompressed          = 1
)

// pmtiles is a file (PMTiles specification version 3) in which the same tile lies
// everywhere.
func pmtiles(kind byte, metadata string, tile []byte) string {
	const headerBytes = 127
	tiles := 1 << (2 * level)
	first := uint64((tiles - 1) / 3) // the levels above come before
	directory := bytewise.AppendUvarint(nil, 1)
	for _, n := range []uint64{first, uint64(tiles), uint64(len(tile)), 1} { // id, run, bytes, place + 1
		directory = bytewise.AppendUvarint(directory, n)
	}
	le := bytewise.LittleEndian
	h := append([]byte("PMTiles"), 3)
	at := uint64(headerBytes)
	for _, part := range []int{len(directory), len(metadata), 0, len(tile)} { // directory, metadata, leaves, tiles
		h = le.AppendUint64(le.AppendUint64(h, at), uint64(part))
		at += uint64(part)
	}
	h = le.AppendUint64(le.AppendUint64(le.AppendUint64(h, uint64(tiles)), 1), 1) // addressed, entries, contents
	h = append(h, 1, uncompressed, uncompressed, kind, level, level)
	degrees := func(d float64) { h = le.AppendUint32(h, uint32(int32(math.Round(d*1e7)))) }
	degrees(-180)
	degrees(-85)
	degrees(180)
	degrees(85)
	h = append(h, level)
	degrees(108.2)
	degrees(-6.8)
	return string(h) + string(directory) + metadata + string(tile)
}

// allWater is a vector tile (Mapbox Vector Tile 2.1) with one area, in the layer
// "water", that covers it.
func allWater() []byte {
	const extent, beyond = 4096, 64
	zigzag := func(v int64) uint64 { return protowire.EncodeZigZag(v) }
	var geometry []byte
	for _, v := range []uint64{
		1 | 1<<3, zigzag(-beyond), zigzag(-beyond), // to the corner
		2 | 3<<3, zigzag(extent + 2*beyond), 0, 0, zigzag(extent + 2*beyond), zigzag(-extent - 2*beyond), 0, // around
		7 | 1<<3, // back
	} {
		geometry = protowire.AppendVarint(geometry, v)
	}
	number := func(b []byte, field protowire.Number, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
	}
	block := func(b []byte, field protowire.Number, v []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
	}
	const polygon = 3
	feature := block(number(nil, 3, polygon), 4, geometry)
	layer := block(number(nil, 15, 2), 1, []byte("water"))
	return block(nil, 3, number(block(layer, 2, feature), 5, extent))
}

// plain is a tile of one colour.
func plain(t *testing.T, c color.Color) []byte {
	t.Helper()
	const side = 256
	picture := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		picture.Set(i%side, i/side, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hatched is a road that covers a tenth of a degree, drawn so densely that its colour
// is all that is there.
func hatched(t *testing.T) string {
	t.Helper()
	const step, side = 0.0005, 0.1
	var road [][2]float64
	for i := range int(side / step) {
		x := 108.2 + float64(i)*step
		south, north := -6.85, -6.85+side
		if i%2 == 1 {
			south, north = north, south
		}
		road = append(road, [2]float64{x, south}, [2]float64{x, north})
	}
	text, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": []any{map[string]any{
		"type": "Feature", "properties": map[string]any{}, "geometry": map[string]any{"type": "LineString", "coordinates": road},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// shows waits until so much of the map, of 1, has a colour.
func shows(ctx context.Context, t *testing.T, what string, is func(r, g, b uint8) bool, share float64) {
	t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		shot, err := chromedp.Run(ctx, chromedp.Screenshot("#canvas"))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(shot))
		if err != nil {
			t.Fatal(err)
		}
		all, those := picture.Bounds(), 0
		for y := range all.Dy() {
			for x := range all.Dx() {
				c, _ := color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)
				if is(c.R, c.G, c.B) {
					those++
				}
			}
		}
		got := float64(those) / float64(all.Dx()*all.Dy())
		if got >= share {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			trouble, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.getElementById("mapnote")?.textContent ?? ""`))
			t.Fatalf("%s covers %.3f of the map, not %.3f (%s)", what, got, share, trouble)
		}
	}
}

// near is a colour of the style sheet, as the edges of what is drawn blur it.
func near(r, g, b uint8) func(r, g, b uint8) bool {
	const blur = 8
	far := func(x, y uint8) bool { return x > y+blur || y > x+blur }
	return func(r2, g2, b2 uint8) bool { return !far(r, r2) && !far(g, g2) && !far(b, b2) }
}

// reddish is the tests' raster tiles as either theme tones them down.
func reddish(r, g, b uint8) bool { return int(r) > 2*int(g) && int(r) > 2*int(b) }

// TestMapThatFailsIsTold: a tile server, a file of roads and a PMTiles file that fail are
// named on the page, each with what to do, the page's own basemap stays, and once they are
// mended they are on the map.
func TestMapThatFailsIsTold(t *testing.T) {
	sitetest.NeedPage(t)
	red := plain(t, color.RGBA{R: 200, G: 20, B: 20, A: 255})
	var status atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.WriteHeader(int(status.Load()))
		_, _ = w.Write(red) // the browser is gone when this fails
	}))
	t.Cleanup(server.Close)
	s := sitetest.New(t)
	roads := hatched(t)
	s.WriteFile("roads.geojson", roads)
	tiles := fmt.Sprintf(`tiles: "%s/{z}/{x}/{y}.png"`, server.URL)
	s.Configure("map: {" + tiles + ", geojson_file: roads.geojson}\n")
	s.Start()
	defer func() { s.Stop() }()
	lose := func(file string) {
		t.Helper()
		if err := os.Remove(filepath.Join(s.Dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	lose("roads.geojson")
	status.Store(http.StatusServiceUnavailable)
	ctx := sitetest.Chromium(t)
	open := func() {
		t.Helper()
		sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitReady(`#map[data-ready="yes"]`))
		sitetest.ReadOff[bool](ctx, t, `(document.documentElement.dataset.theme === "dark" || document.getElementById("theme").click(), true)`)
	}
	open()
	says := func(what string) {
		t.Helper()
		sitetest.Until(ctx, t, "the page does not say: "+what, fmt.Sprintf(`document.getElementById("mapnote").textContent.includes(%q)`, what))
	}
	again := func() {
		t.Helper()
		sitetest.Do(ctx, t, chromedp.Click("#mapnote button"))
	}
	host := strings.TrimPrefix(server.URL, "http://")
	says("Server ubin " + host + ": HTTP 503. Periksa jaringan ke sana dan map.tiles.")
	says("Berkas peta map.geojson_file: HTTP 404. Periksa berkasnya di gateway.")
	says("Peta dasar sendiri tetap dipakai.")
	shows(ctx, t, "the page's own basemap", near(0x13, 0x26, 0x2d), 0.05)
	noSeriousFinding(ctx, t)
	sitetest.Do(ctx, t, chromedp.Click("#language"))
	says("Map file map.geojson_file: HTTP 404. Check the file on the gateway.")
	sitetest.Do(ctx, t, chromedp.Click("#language"))
	status.Store(http.StatusNotFound)
	again()
	says("Server ubin " + host + ": tidak punya ubin di sini.")
	status.Store(http.StatusOK)
	s.WriteFile("roads.geojson", roads)
	again()
	sitetest.Until(ctx, t, "the page does not stop saying it", `document.getElementById("mapnote").textContent === ""`)
	shows(ctx, t, "the tiles", reddish, 0.5)
	shows(ctx, t, "the roads", near(0x6d, 0x7f, 0x8a), 0.01)

	s.Stop()
	file := pmtiles(pngTiles, "{}", red)
	s.WriteFile("map.pmtiles", file)
	s.ReplaceConfig(tiles, "pmtiles_file: map.pmtiles")
	s.Start()
	s.WriteFile("map.pmtiles", file[:8]) // all that is looked at when the gateway starts
	open()
	says("Berkas peta map.pmtiles_file: tidak terbaca.")
	s.WriteFile("map.pmtiles", file)
	again()
	sitetest.Until(ctx, t, "the page does not stop saying it", `document.getElementById("mapnote").textContent === ""`)
	shows(ctx, t, "the tiles of the file", reddish, 0.5)
}

// TestMapsOfTheConfiguration: a file of tiles, vector or raster, a tile server, and a
// file of roads are on the map, in the colours of the theme, also after it changed.
func TestMapsOfTheConfiguration(t *testing.T) {
	sitetest.NeedPage(t)
	red := plain(t, color.RGBA{R: 200, G: 20, B: 20, A: 255})
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Access-Control-Allow-Origin", "*") // as tile servers do
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(red) // the browser is gone when this fails
	}))
	t.Cleanup(server.Close)
	const vectorLayers = `{"vector_layers":[{"id":"water","fields":{}}]}`
	for name, m := range map[string]struct {
		setting, file string
		light, dark   func(r, g, b uint8) bool
	}{
		"vector file": {"pmtiles_file: map.pmtiles", pmtiles(vectorTiles, vectorLayers, allWater()), near(0xb7, 0xd6, 0xe8), near(0x14, 0x33, 0x47)},
		"raster file": {"pmtiles_file: map.pmtiles", pmtiles(pngTiles, "{}", red), reddish, reddish},
		"tile server": {fmt.Sprintf(`tiles: "%s/{z}/{x}/{y}.png"`, server.URL), "", reddish, reddish},
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			s.WriteFile("map.pmtiles", m.file)
			s.WriteFile("roads.geojson", hatched(t))
			s.Configure("map: {" + m.setting + ", geojson_file: roads.geojson, attribution: Peta uji}\n")
			s.Start()
			defer s.Stop()
			ctx := sitetest.Chromium(t)
			sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitReady(`#map[data-ready="yes"]`))
			for _, theme := range []string{"dark", "light"} {
				sitetest.ReadOff[bool](ctx, t, `(document.documentElement.dataset.theme === "`+theme+`" || document.getElementById("theme").click(), true)`)
				ground, road := m.dark, near(0x6d, 0x7f, 0x8a)
				if theme == "light" {
					ground, road = m.light, near(0x7f, 0x8f, 0x96)
				}
				shows(ctx, t, theme+": the basemap", ground, 0.5)
				shows(ctx, t, theme+": the roads", road, 0.01)
			}
			sitetest.Until(ctx, t, "the source is not named", `document.querySelector(".maplibregl-ctrl-attrib").textContent.includes("Peta uji")`)
			if name == "tile server" && asked.Load() == 0 {
				t.Error("nobody asked the tile server")
			}
		})
	}
}
