package link

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"htgateway/gateway/incident"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/status"
)

// FolderSettings say which folder is watched, and how.
type FolderSettings struct {
	// ID names the link.
	ID, Path string
	// Poll is how often the folder is looked at, Settle how long a file must not
	// have changed before it is read: both real time, as the files' own.
	Poll, Settle time.Duration
	// Now is the gateway's clock.
	Now func() time.Time
	Log *slog.Logger
}

// Folder takes incidents from files that another program writes: each NAME.json
// holds one incident as POST /incidents takes it, or an array of them. A file that
// was taken goes to done/, one that was refused to refused/ with NAME.reason beside
// it. A writer either renames a finished file to NAME.json or writes it in place:
// what is not whole yet is waited for.
type Folder struct {
	s      FolderSettings
	intake Intake
	desk   IncidentCreator

	mu    sync.Mutex
	state folderState

	// sizes are those at the last look; only Run's goroutine uses it.
	sizes map[string]int64
}

// folderState is how a watched folder stands.
type folderState struct {
	name  string // "up" or "down"
	since time.Time
	why   string
	// files and incidents count what was taken, refused the files that were not.
	files, incidents, refused uint64
}

// NewFolder returns a folder that is not watched yet.
func NewFolder(s FolderSettings, in Intake, d IncidentCreator) *Folder {
	return &Folder{
		s: s, intake: in, desk: d, sizes: map[string]int64{},
		state: folderState{name: status.Down, since: s.Now().UTC(), why: "not looked at yet"},
	}
}

// Status is how the folder stands, and what came of its files.
func (f *Folder) Status() []status.Status {
	f.mu.Lock()
	is := f.state
	f.mu.Unlock()
	if is.why == "" {
		is.why = fmt.Sprintf("%d incidents from %d files, %d files refused", is.incidents, is.files, is.refused)
	}
	about := About{ID: f.s.ID, Kind: "folder", Protocol: "json"}
	return []status.Status{about.status(f.intake, is.name, is.since, is.why)}
}

// The subfolders that files are moved to.
const (
	doneFolder    = "done"
	refusedFolder = "refused"
)

// Run watches until ctx ends. A folder that is away is waited for.
func (f *Folder) Run(ctx context.Context) error {
	look := time.NewTicker(f.s.Poll)
	defer look.Stop()
	for {
		f.set(f.look(ctx))
		select {
		case <-look.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (f *Folder) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name, why := status.Up, ""
	if err != nil {
		name, why = status.Down, err.Error()
	}
	if f.state.name != name || f.state.why != why {
		f.s.Log.Info("watched folder", "link", f.s.ID, "state", name, "why", why)
		f.state.since = f.s.Now().UTC()
	}
	f.state.name, f.state.why = name, why
}

// look takes every file that is whole, by name.
func (f *Folder) look(ctx context.Context) error {
	// A root keeps to the folder, whatever links somebody puts into it.
	root, err := os.OpenRoot(f.s.Path)
	if err != nil {
		return fmt.Errorf("cannot watch the folder: %w", err)
	}
	defer root.Close()
	for _, sub := range []string{doneFolder, refusedFolder} {
		if err := root.Mkdir(sub, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("cannot watch the folder: %w", err)
		}
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return fmt.Errorf("cannot list the folder: %w", err)
	}
	var failed []error // of one file, which must not hold up the others
	before := f.sizes
	f.sizes = map[string]int64{}
	for _, e := range entries {
		name := e.Name()
		if ctx.Err() != nil {
			return nil
		}
		if !e.Type().IsRegular() || strings.HasPrefix(name, ".") || !strings.EqualFold(filepath.Ext(name), ".json") {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // gone meanwhile
		}
		f.sizes[name] = info.Size()
		size, seen := before[name]
		if age := time.Since(info.ModTime()); !seen || size != info.Size() || age >= 0 && age < f.s.Settle {
			continue
		}
		if err := f.take(ctx, root, name, info); err != nil && ctx.Err() == nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// maxFile is the largest file that is read, in bytes.
const maxFile = 4 << 20

// halfFor is how long a file that ends too early is waited for.
const halfFor = time.Minute

// take opens the incidents of one file, then moves it. An error leaves it where it
// is, to be tried again.
func (f *Folder) take(ctx context.Context, root *os.Root, name string, info fs.FileInfo) error {
	body, err := readWhole(root, name)
	if err != nil {
		return err
	}
	requests, err := split(body)
	if errors.Is(err, io.ErrUnexpectedEOF) && time.Since(info.ModTime()) < halfFor {
		return nil
	}
	var reasons []string
	if err != nil {
		reasons = append(reasons, err.Error())
	}
	sum := sha256.Sum256(body)
	for i, one := range requests {
		r, err := readRequest(one)
		if err == nil {
			key := fmt.Sprintf("file %s %d", hex.EncodeToString(sum[:]), i)
			_, err = f.desk.Open(ctx, incident.Actor{By: "cad", Key: key}, r)
			if err != nil && !hopeless(err) {
				return fmt.Errorf("cannot take %q: %w", name, err)
			}
		}
		if err != nil {
			reasons = append(reasons, fmt.Sprintf("incident %d of %d: %v", i+1, len(requests), err))
			continue
		}
		f.count(func(s *folderState) { s.incidents++ })
	}
	if len(reasons) > 0 {
		return f.refuse(ctx, root, name, body, strings.Join(reasons, "\n"))
	}
	f.count(func(s *folderState) { s.files++ })
	f.s.Log.Info("incidents taken from a file", "link", f.s.ID, "file", name, "incidents", len(requests))
	_, err = f.move(root, name, doneFolder)
	return err
}

func readWhole(root *os.Root, name string) ([]byte, error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("cannot read %q: %w", name, err)
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read %q: %w", name, err)
	}
	return body, nil
}

// split returns the incidents of a file: the elements of its array, or the one.
func split(body []byte) ([]json.RawMessage, error) {
	if len(body) > maxFile {
		return nil, fmt.Errorf("larger than %d bytes", maxFile)
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // some editors begin a file so
	d := json.NewDecoder(bytes.NewReader(body))
	var whole json.RawMessage
	if err := d.Decode(&whole); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("empty: %w", io.ErrUnexpectedEOF)
	} else if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value: write several incidents as an array")
	}
	if !bytes.HasPrefix(bytes.TrimSpace(whole), []byte("[")) {
		return []json.RawMessage{whole}, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(whole, &list); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	return list, nil
}

// refuse keeps the file's beginning in the journal with the reason, so that it is
// counted like every refused message, and moves it.
func (f *Folder) refuse(ctx context.Context, root *os.Root, name string, body []byte, why string) error {
	heard := intake.Heard{Link: f.s.ID, Frame: devices.Frame{Raw: body, Err: fmt.Errorf("file %q refused: %s", name, why)}}
	heard.Report.ReceivedAt = f.s.Now().UTC()
	if err := f.intake.Take(ctx, heard); err != nil {
		return fmt.Errorf("cannot set %q aside: %w", name, err)
	}
	f.count(func(s *folderState) { s.refused++ })
	f.s.Log.Warn("file refused", "link", f.s.ID, "file", name, "reason", why)
	place, err := f.move(root, name, refusedFolder)
	if err != nil {
		return err
	}
	if err := root.WriteFile(place+".reason", []byte(why+"\n"), 0o640); err != nil {
		return fmt.Errorf("cannot say why %q was refused: %w", name, err)
	}
	return nil
}

// maxFileName is the longest name of a file that was taken, in bytes: file systems have
// 255, of which a running number and ".reason" need some.
const maxFileName = 220

// move puts a file into a subfolder, under a name that is free there.
func (f *Folder) move(root *os.Root, name, sub string) (string, error) {
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	if len(name) > maxFileName {
		stem = strings.ToValidUTF8(stem[:maxFileName-len(ext)], "")
	}
	place := sub + "/" + stem + ext
	for n := 2; ; n++ {
		if _, err := root.Lstat(place); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", fmt.Errorf("cannot move %q: %w", name, err)
		}
		place = fmt.Sprintf("%s/%s-%d%s", sub, stem, n, ext)
	}
	if err := root.Rename(name, place); err != nil {
		return "", fmt.Errorf("cannot move %q: %w", name, err)
	}
	delete(f.sizes, name)
	return place, nil
}

func (f *Folder) count(change func(*folderState)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.state)
}
