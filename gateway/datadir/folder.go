package datadir

import (
	"path/filepath"

	"htgateway/gateway/config"
)

// The files of a data folder.
const (
	// Journal is the journal; in a cluster this machine's copy of it.
	Journal = "journal.db"
	// Updates is the tracker's update log.
	Updates = "state.db"
	// Series is the time series, where they are not in InfluxDB.
	Series = "series.db"
	// OldSeries is the series as it was, while it is made again.
	OldSeries = Series + ".old"
	// Checkpoint keeps what the tracker knows, so that a start need not fold the whole
	// journal. It can be removed at any time.
	Checkpoint = "tracker.state"
	// Heard keeps what intake remembers of radios' dials and of deliveries, so that a start
	// need not read the whole journal. It can be removed at any time.
	Heard = "heard.state"
	// Sessions are the page's sessions.
	Sessions = "sessions.json"
	// Configuration is the gateway's configuration, where a folder holds its own, as a
	// demo's does.
	Configuration = "htgateway.yaml"
)

// Folder is the path of a data folder.
type Folder string

// Of is the data folder that a configuration names.
func Of(c config.Config) Folder { return Folder(c.Data.Dir) }

// Journal is the path of the journal.
func (f Folder) Journal() string { return f.path(Journal) }

// Updates is the path of the update log.
func (f Folder) Updates() string { return f.path(Updates) }

// Series is the path of the time series.
func (f Folder) Series() string { return f.path(Series) }

// OldSeries is the path of the series as it was, while it is made again.
func (f Folder) OldSeries() string { return f.path(OldSeries) }

// Checkpoint is the path of what the tracker keeps.
func (f Folder) Checkpoint() string { return f.path(Checkpoint) }

// Heard is the path of what intake keeps.
func (f Folder) Heard() string { return f.path(Heard) }

// Sessions is the path of the page's sessions.
func (f Folder) Sessions() string { return f.path(Sessions) }

// Configuration is the path of the folder's own configuration.
func (f Folder) Configuration() string { return f.path(Configuration) }

func (f Folder) path(name string) string { return filepath.Join(string(f), name) }
