package main

import (
	"os"
	"path/filepath"

	"htgateway/devices/account"
	"htgateway/devices/account/password"
)

// user adds one to the site's broker, with the phones' password.
func (s *site) user(name string, role account.Role) {
	s.t.Helper()
	f, err := os.OpenFile(filepath.Join(s.dir, "users"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	u := account.User{Name: name, Hash: password.Hash([]byte(phonePassword)), Role: role}
	if _, err := f.WriteString(u.String() + "\n"); err != nil {
		s.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
}
