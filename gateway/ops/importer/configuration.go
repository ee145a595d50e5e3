package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"htgateway/devices/atomicfile"
	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
)

// heading stands above a configuration that an import made.
const heading = "# Made by htgateway import: what the figures of this journal hang on. Brokers, webhooks and other\n" +
	"# stores are left out, so that nothing of the past is said again.\n"

// OwnConfiguration tells whether a folder holds a configuration that no import made.
func OwnConfiguration(folder datadir.Folder) (bool, error) {
	text, err := os.ReadFile(folder.Configuration())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot read the folder's configuration: %w", err)
	}
	return !bytes.HasPrefix(text, []byte(heading)), nil
}

// WriteConfiguration gives a folder a configuration of its own, so that report, record
// and export answer for it: what the figures hang on, out of the one that was named. A
// folder that has one keeps it.
func WriteConfiguration(folder datadir.Folder, c *config.Config) error {
	if has, err := OwnConfiguration(folder); has || err != nil {
		return err
	}
	site := map[string]any{"data": map[string]any{"dir": "."}, "units_file": "", "mqtt": map[string]any{"embedded": map[string]any{"enabled": false}}}
	if c != nil {
		site["county"], site["office"], site["arrival"], site["tracker"], site["codes"] = c.County, c.Office, c.Arrival, c.Tracker, c.Codes
		for key, file := range map[string]string{"units_file": c.UnitsFile, "sop_file": c.SOPFile, "places_file": c.Places} {
			copied, err := copyFile(folder, key, file)
			if err != nil {
				return err
			}
			site[key] = copied
		}
	}
	text, err := yaml.Marshal(site)
	if err != nil {
		return fmt.Errorf("cannot write the folder's configuration: %w", err)
	}
	return write(folder.Configuration(), append([]byte(heading), text...))
}

// copyFile puts a file that a configuration names beside the journal, and returns its name
// there; empty for none.
func copyFile(folder datadir.Folder, key, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file) // #nosec G304 -- a file that the configuration names
	if err != nil {
		return "", fmt.Errorf("cannot copy what the configuration names: %w", err)
	}
	name := "import-" + key + filepath.Ext(file)
	return name, write(filepath.Join(string(folder), name), text)
}

func write(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".import-*")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return atomicfile.Write(f, path, text)
}
