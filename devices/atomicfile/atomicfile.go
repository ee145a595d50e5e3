package atomicfile

import (
	"errors"
	"fmt"
	"os"
)

// Write writes the parts behind what an open file holds already, brings it to the disk and
// gives it the name path; both must lie in one folder. The file is closed, and after an
// error removed.
func Write(f *os.File, path string, parts ...[]byte) error {
	var err error
	for _, b := range parts {
		if _, err = f.Write(b); err != nil {
			break
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cannot write %s: %w", path, err), os.Remove(f.Name()))
	}
	return nil
}
