package doctor

import (
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"syscall"
)

// serviceAccount is the user that the Debian package makes.
const serviceAccount = "htgateway"

// Account is a user of this machine, by numbers.
type Account struct {
	Name   string
	UID    uint32
	Groups []uint32
}

// GatewayAccount is the user that the gateway runs as: the one who asks or, when root
// asks of an installed gateway, the package's.
func GatewayAccount(installed bool) (Account, error) {
	u, err := user.Current()
	if err != nil {
		return Account{}, fmt.Errorf("cannot tell who asks: %w", err)
	}
	if service, err := user.Lookup(serviceAccount); err == nil && installed && u.Uid == "0" {
		u = service
	}
	a := Account{Name: u.Username}
	groups, err := u.GroupIds()
	if err != nil {
		return a, fmt.Errorf("cannot list the groups of %s: %w", u.Username, err)
	}
	for _, g := range groups {
		n, err := strconv.ParseUint(g, 10, 32)
		if err != nil {
			return a, fmt.Errorf("group %q of %s: %w", g, u.Username, err)
		}
		a.Groups = append(a.Groups, uint32(n))
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return a, fmt.Errorf("user number %q of %s: %w", u.Uid, u.Username, err)
	}
	a.UID = uint32(uid)
	return a, nil
}

// The permissions of one class of users.
const (
	mayRead  = 4
	mayWrite = 2
)

// may tells whether the account has permissions on a file, by its owner and mode.
func (a Account) may(info os.FileInfo, want os.FileMode) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if a.UID == 0 || !ok {
		return true
	}
	mode := info.Mode().Perm()
	switch {
	case stat.Uid == a.UID:
		mode >>= 6
	case slices.Contains(a.Groups, stat.Gid):
		mode >>= 3
	}
	return mode&want == want
}

// groupOf names the group that a file belongs to.
func groupOf(info os.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	number := strconv.FormatUint(uint64(stat.Gid), 10)
	if g, err := user.LookupGroupId(number); err == nil {
		return g.Name
	}
	return number
}
