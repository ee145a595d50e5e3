package account

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a file the owner and permissions of another.
func keepOwner(path string, as fs.FileInfo) error {
	err := os.Chmod(path, as.Mode().Perm())
	if own, ok := as.Sys().(*syscall.Stat_t); ok {
		err = errors.Join(err, os.Chown(path, int(own.Uid), int(own.Gid)))
	}
	return err
}
