package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"htgateway/gateway/config"
	"htgateway/gateway/incident/sop"
)

// FindConfig reads the configuration that was named, or the one that a data folder
// holds, such as a demo's. A folder without one gives what is known of it all the same:
// where its files are, a series among them, and the default procedure.
func FindConfig(folder, file string) (config.Config, error) {
	if file == "" {
		file = Folder(folder).Configuration()
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return config.Config{
				Data: config.Data{Dir: folder}, Telemetry: config.Telemetry{Store: config.StoreSQLite}, Plan: sop.DefaultPlan(),
			}, nil
		}
	}
	return config.Load(file)
}

// LoadConfig reads the configuration that was named, or the one that a data folder must
// hold then: what a journal means hangs on units and procedure, for which there is no
// default.
func LoadConfig(folder, file string) (config.Config, error) {
	if file == "" {
		file = Folder(folder).Configuration()
		if _, err := os.Stat(file); err != nil {
			return config.Config{}, fmt.Errorf("%s holds no %s, use --config: %w", folder, Configuration, err)
		}
	}
	return config.Load(file)
}
