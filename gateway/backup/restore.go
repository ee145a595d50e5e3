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
)

// ErrDamaged is wrapped when a backup is not what its manifest says.
var ErrDamaged = errors.New("the backup is damaged")

// Check reads a backup from end to end and holds it to its manifest: sizes,
// checksums, SQLite's own check, and how many rows each table has.
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

// Restore checks a backup and puts its databases into a data folder, and its other
// files into another one, or nowhere when that is empty. It overwrites nothing: when
// a single file is there already nothing is done. What it has put is checked again.
func Restore(ctx context.Context, from, dataDir, configDir string) (m Manifest, err error) {
	if m, err = Check(ctx, from); err != nil {
		return m, err
	}
	type put struct {
		File
		dir, as string
	}
	var puts []put
	for _, d := range m.Databases {
		puts = append(puts, put{d.File, dataDir, d.Name})
	}
	if configDir != "" {
		for _, f := range m.Files {
			name, err := filepath.Rel(ConfigFolder, filepath.FromSlash(f.Name))
			if err != nil || !filepath.IsLocal(name) {
				return m, fmt.Errorf("%w: %s is no file of the configuration", ErrDamaged, f.Name)
			}
			puts = append(puts, put{f, configDir, filepath.ToSlash(name)})
		}
	}
	for _, p := range puts {
		for _, end := range []string{"", "-wal", "-shm"} {
			if there := filepath.Join(p.dir, filepath.FromSlash(p.as)) + end; exists(there) {
				return m, fmt.Errorf("%s is there already: restore overwrites nothing", there)
			}
		}
	}
	for _, dir := range []string{dataDir, configDir} {
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
		made = append(made, filepath.Join(p.dir, filepath.FromSlash(p.as)))
		copied, err := copyFile(filepath.Join(from, filepath.FromSlash(p.Name)), p.dir, p.as)
		if err != nil {
			return m, err
		}
		if copied.SHA256 != p.SHA256 {
			return m, fmt.Errorf("%s was not written as it was read", p.as)
		}
	}
	return m, syncFile(dataDir)
}

// ConfigFolder is where the files of the configuration lie in a backup.
const ConfigFolder = "config"

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
