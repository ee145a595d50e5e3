package rebuild

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"htgateway/gateway/datadir"
	"htgateway/gateway/state/updatelog"
)

// openUpdates opens the update log and sums it up. One that is damaged is put aside, its
// sum empty, and a new one begun.
func openUpdates(ctx context.Context, folder datadir.Folder, log *slog.Logger) (updates *updatelog.Log, sum string, err error) {
	updates, err = folder.OpenUpdates(ctx)
	switch {
	case err == nil:
		if sum, err = sumUpdates(ctx, updates); err == nil {
			return updates, sum, nil
		}
		// Open, and not to be read to its end.
		closeErr := updates.Close()
		if ctx.Err() != nil {
			return nil, "", errors.Join(err, closeErr)
		}
	case !errors.Is(err, updatelog.ErrDamaged):
		return nil, "", err
	}
	aside, renameErr := setAside(folder.Updates())
	if renameErr != nil {
		return nil, "", errors.Join(err, renameErr)
	}
	log.Warn("damaged updates put aside; they may hold callers who were forgotten since: remove them once they were looked at", "file", aside, "reason", err)
	updates, err = folder.OpenUpdates(ctx)
	return updates, "", err
}

// setAside renames a SQLite file, with what belongs to it, to a name that is free.
func setAside(path string) (string, error) {
	aside := path + ".damaged"
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		}
		aside = fmt.Sprintf("%s.damaged.%d", path, n)
	}
	return aside, moveDatabase(path, aside)
}

// moveDatabase renames a SQLite file with what belongs to it, or removes it when to is
// empty. One that is not there is no error.
func moveDatabase(from, to string) error {
	for _, end := range []string{"", "-wal", "-shm"} {
		var err error
		if to == "" {
			err = os.Remove(from + end)
		} else {
			err = os.Rename(from+end, to+end)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot put %s aside: %w", from+end, err)
		}
	}
	return nil
}
