package serialport

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Holders names the processes that have a device open, as far as this user may see
// them: "minicom (process 4711)".
func Holders(device string) []string {
	real, err := filepath.EvalSymlinks(device)
	if err != nil {
		real = device
	}
	fds, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return nil
	}
	var names []string
	for _, fd := range fds {
		if target, err := os.Readlink(fd); err != nil || target != real {
			continue
		}
		pid := strings.Split(fd, "/")[2]
		name, err := os.ReadFile("/proc/" + pid + "/comm") // #nosec G304 -- a process's name in /proc
		if err != nil {
			continue
		}
		names = append(names, fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid))
	}
	return names
}

// holders tells them after another sentence.
func holders(device string) string {
	names := Holders(device)
	if len(names) == 0 {
		return ""
	}
	return "; it is in use by " + strings.Join(names, ", ")
}

// groupHint names the group that may open a device.
func groupHint(device string) string {
	info, err := os.Stat(device)
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	group, err := user.LookupGroupId(strconv.FormatUint(uint64(stat.Gid), 10))
	if err != nil {
		return ""
	}
	return fmt.Sprintf("; the gateway's user must be in group %s: adduser htgateway %s", group.Name, group.Name)
}
