package datadir_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
)

// TestFindAndLoad: a folder's own configuration is found, one that is named goes before
// it, and only what can do without one does.
func TestFindAndLoad(t *testing.T) {
	t.Parallel()
	empty, full, other := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "other.yaml")
	for file, county := range map[string]string{datadir.Folder(full).Configuration(): "Ciamis", other: "Garut"} {
		if err := os.WriteFile(file, []byte("county: "+county+"\ndata: {dir: .}\nunits_file: \"\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	type load func(folder, file string) (config.Config, error)
	for _, c := range []struct {
		name         string
		load         load
		folder, file string
		county, dir  string
		fails        string
	}{
		{"found in the folder", datadir.FindConfig, full, "", "Ciamis", full, ""},
		{"named, not the folder's", datadir.FindConfig, full, other, "Garut", filepath.Dir(other), ""},
		{"none", datadir.FindConfig, empty, "", "", empty, ""},
		{"loaded from the folder", datadir.LoadConfig, full, "", "Ciamis", full, ""},
		{"loaded by name", datadir.LoadConfig, "", other, "Garut", filepath.Dir(other), ""},
		{"none to load", datadir.LoadConfig, empty, "", "", "", "holds no htgateway.yaml, use --config"},
	} {
		got, err := c.load(c.folder, c.file)
		switch {
		case c.fails != "":
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s: error %v", c.name, err)
			}
		case err != nil || got.County != c.county || got.Data.Dir != c.dir || got.Telemetry.Store != config.StoreSQLite:
			t.Errorf("%s: %q in %q, series in %q, %v", c.name, got.County, got.Data.Dir, got.Telemetry.Store, err)
		}
	}
}

// TestStoreOfSettings: the series go where the settings say, and a reader makes no file.
func TestStoreOfSettings(t *testing.T) {
	t.Parallel()
	c := config.Config{Data: config.Data{Dir: t.TempDir()}, Telemetry: config.Telemetry{Store: config.StoreSQLite}}
	if s, err := datadir.ReadSeries(t.Context(), c); err == nil {
		t.Errorf("a series that nobody wrote was opened: %v", s.Close())
	}
	s, err := datadir.OpenSeries(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := os.Stat(datadir.Of(c).Series()); err != nil {
		t.Error(err)
	}
	c.Data.Dir, c.Telemetry.Store = t.TempDir(), config.StoreInflux
	c.Telemetry.Influx.URL, c.Telemetry.Influx.Org, c.Telemetry.Influx.Bucket = "http://127.0.0.1:1", "o", "b"
	i, err := datadir.OpenSeries(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if files, err := os.ReadDir(c.Data.Dir); err != nil || len(files) != 0 {
		t.Errorf("files %v, %v: the series are in InfluxDB", files, err)
	}
}
