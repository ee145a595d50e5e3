package erasure

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"time"

	"htgateway/devices/atomicfile"
)

// cadFolders are where the files stay that a CAD wrote, once they were taken.
var cadFolders = []string{"done", "refused"}

// FromFolder rewrites the files in a CAD's folder that were taken or refused, with the
// reasons beside them, and returns how many it changed. Those that wait are left alone.
func (f *Finding) FromFolder(folder string) (changed int, err error) {
	if folder == "" || len(f.Redactions) == 0 {
		return 0, nil
	}
	var failed error
	for _, sub := range cadFolders {
		entries, err := os.ReadDir(path.Join(folder, sub))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return changed, fmt.Errorf("%w: %w", errFolder, err)
		}
		for _, e := range entries {
			if !e.Type().IsRegular() {
				continue
			}
			did, err := f.fromFile(path.Join(folder, sub, e.Name()))
			if did {
				changed++
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				failed = errors.Join(failed, fmt.Errorf("%w: %w", errFolder, err))
			}
		}
	}
	return changed, failed
}

func (f *Finding) fromFile(name string) (changed bool, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return false, err
	}
	body, err := os.ReadFile(name) // #nosec G304 -- in the folder that the configuration names
	if err != nil {
		return false, err
	}
	clean := f.text(string(body))
	if clean == string(body) {
		return false, nil
	}
	out, err := os.OpenFile(name+".half", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, info.Mode().Perm()) // #nosec G304 -- as above
	if err != nil {
		return false, err
	}
	if err := atomicfile.Write(out, name, []byte(clean)); err != nil {
		return false, err
	}
	return true, os.Chtimes(name, time.Time{}, info.ModTime())
}
