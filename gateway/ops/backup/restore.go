package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// ErrDamaged is wrapped when a backup is not what its manifest says.
var ErrDamaged = errors.New("the backup is damaged")

// Check reads a backup from end to end and holds it to its manifest: sizes,
// checksums, SQLite's own check, how many rows each table has, and what the journal's
// entries sum up to.
func Check(ctx context.Context, dir string) (Manifest, error) {
	var m Manifest
	text, err := os.ReadFile(filepath.Join(dir, ManifestFile)) // #nosec G304 -- the folder is the argument of whoever runs the command
	if errors.Is(err, fs.ErrNotExist) && exists(dir) {
		return m, fmt.Errorf("%s is no backup, or one that was cut off: it has no %s, which is written last", dir, ManifestFile)
	}
	if err != nil {
		return m, fmt.Errorf("%s is no backup: %w", dir, err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%w: its manifest cannot be read: %w", ErrDamaged, err)
	}
	if m.Version != formatVersion {
		return m, fmt.Errorf("%s is a backup of version %d, this htgateway reads %d", dir, m.Version, formatVersion)
	}
	for _, d := range m.Databases {
		if err := d.check(dir); err != nil {
			return m, err
		}
		rows, err := look(ctx, filepath.Join(dir, d.Name))
		if err != nil {
			return m, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if !maps.Equal(rows, d.Rows) {
			return m, fmt.Errorf("%w: %s has rows %v, not %v", ErrDamaged, d.Name, rows, d.Rows)
		}
		if d.Digest == "" {
			continue
		}
		sum, err := digest(ctx, filepath.Join(dir, d.Name))
		if err != nil {
			return m, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if sum != d.Digest {
			return m, fmt.Errorf("%w: the entries of %s sum up to %s, not %s", ErrDamaged, d.Name, sum, d.Digest)
		}
	}
	for _, f := range m.Files {
		if err := f.check(dir); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (f File) check(dir string) error {
	if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
		return fmt.Errorf("%w: the manifest names %q, which is outside of it", ErrDamaged, f.Name)
	}
	is, err := describe(dir, f.Name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if is.Bytes != f.Bytes || is.SHA256 != f.SHA256 {
		return fmt.Errorf("%w: %s has other content than when it was made", ErrDamaged, f.Name)
	}
	return nil
}

// Place is where a backup is put.
type Place struct {
	// DataDir takes the databases, ConfigDir the other files; they stay in the backup when
	// it is empty.
	DataDir, ConfigDir string
	// Journal, when not nil, puts the journal elsewhere than into DataDir. It is given the
	// backup's journal file and its digest, and may leave nothing that passes for whole
	// when it fails or is cut off.
	Journal func(ctx context.Context, file, digest string) error
}

// put is a file of a backup, and where it goes.
type put struct {
	File
	dir, as string
}

func (p put) path() string { return filepath.Join(p.dir, filepath.FromSlash(p.as)) }

// partly is the end of the name of a file that is not whole yet.
const partly = ".restoring"

// Restore checks a backup and puts it into its place. It overwrites nothing: when
// a single file is there already nothing is done. What it has put is checked again,
// and only then has its name, the journal first: cut off at any instant, there is
// nothing, or a journal of which a gateway makes the rest.
func Restore(ctx context.Context, from string, to Place) (m Manifest, err error) {
	if m, err = Check(ctx, from); err != nil {
		return m, err
	}
	puts, journals, err := to.plan(m)
	if err != nil {
		return m, err
	}
	for _, p := range append(puts, journals...) {
		for _, end := range []string{"", "-wal", "-shm"} {
			if there := p.path() + end; exists(there) {
				return m, fmt.Errorf("%s is there already: restore overwrites nothing", there)
			}
		}
	}
	for _, dir := range []string{to.DataDir, to.ConfigDir} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return m, fmt.Errorf("cannot make the folder %s: %w", dir, err)
		}
	}
	var made []string
	defer func() {
		if err != nil {
			for _, name := range made {
				err = errors.Join(err, os.Remove(name))
			}
		}
	}()
	for _, p := range puts {
		half := p.path() + partly
		if err := os.Remove(half); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a restore that was cut off
			return m, fmt.Errorf("cannot begin anew: %w", err)
		}
		made = append(made, half)
		copied, err := copyFile(filepath.Join(from, filepath.FromSlash(p.Name)), p.dir, p.as+partly)
		if err != nil {
			return m, err
		}
		if copied.SHA256 != p.SHA256 {
			return m, fmt.Errorf("%s was not written as it was read", p.as)
		}
	}
	for _, p := range journals {
		if err := to.Journal(ctx, filepath.Join(from, p.Name), m.digestOf(p.Name)); err != nil {
			return m, err
		}
	}
	for i, p := range slices.Backward(puts) {
		if err := os.Rename(p.path()+partly, p.path()); err != nil {
			return m, fmt.Errorf("cannot finish: %w", err)
		}
		made[i] = p.path()
		if err := syncFile(filepath.Dir(p.path())); err != nil {
			return m, err
		}
	}
	return m, nil
}

// plan says what is put where: files, the last of which is the journal, and the
// journal when it is put elsewhere.
func (to Place) plan(m Manifest) (puts, journals []put, err error) {
	if to.ConfigDir != "" {
		for _, f := range m.Files {
			name, err := filepath.Rel(ConfigFolder, filepath.FromSlash(f.Name))
			if err != nil || !filepath.IsLocal(name) {
				return nil, nil, fmt.Errorf("%w: %s is no file of the configuration", ErrDamaged, f.Name)
			}
			puts = append(puts, put{f, to.ConfigDir, filepath.ToSlash(name)})
		}
	}
	for _, d := range m.Databases {
		p := put{d.File, to.DataDir, d.Name}
		if d.Digest != "" && to.Journal != nil {
			journals = append(journals, p)
			continue
		}
		puts = append(puts, p)
	}
	if to.Journal != nil && len(journals) == 0 {
		return nil, nil, errors.New("the backup was made by a version that did not sum up the journal: restore it to a data folder, and back that up")
	}
	return puts, journals, nil
}

func (m Manifest) digestOf(name string) string {
	for _, d := range m.Databases {
		if d.Name == name {
			return d.Digest
		}
	}
	return ""
}

// ConfigFolder is where the files of the configuration lie in a backup.
const ConfigFolder = "config"

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
