package main

import (
	"fmt"
	"os"
	"syscall"
)

// keepOwner gives a file the owner and mode of the one that it replaces: made by
// root, it must stay readable for the gateway's own user.
func keepOwner(fresh *os.File, old string) error {
	info, err := os.Stat(old)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot see whose it is: %w", err)
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		if err := fresh.Chown(int(s.Uid), int(s.Gid)); err != nil {
			return fmt.Errorf("cannot keep its owner: %w", err)
		}
	}
	return fresh.Chmod(info.Mode().Perm())
}
