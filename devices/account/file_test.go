package account_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/devices/account"
)

// TestOldFilesAreReadAndWrittenInOneOrder: a file of people from before and one of
// devices are read as they are; a change puts every line into one order and leaves the
// rest as it was.
func TestOldFilesAreReadAndWrittenInOneOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after string }{
		"people": {
			"# Users of the page. Made by htgateway user add; name:role:hash.\nsari:dispatcher:$argon2id$1\n\n# night shift\ntono:admin:$argon2id$2\n",
			"# Users of the page. Made by htgateway user add; name:hash:role.\nsari:$argon2id$1:dispatcher\n\n# night shift\ntono:$argon2id$2:admin\nbaru:$argon2id$3:viewer\n",
		},
		"devices": {
			"# phones of the north\nlama:$argon2id$1\nbukit:$argon2id$2:mesh:!7d5a1c2e",
			"# phones of the north\nlama:$argon2id$1\nbukit:$argon2id$2:mesh:!7d5a1c2e\nbaru:$argon2id$3:viewer\n",
		},
		"both": {
			"lama:$argon2id$1\nsari:dispatcher:$argon2id$2\n",
			"lama:$argon2id$1\nsari:$argon2id$2:dispatcher\nbaru:$argon2id$3:viewer\n",
		},
		"none": {"", "baru:$argon2id$3:viewer\n"},
	} {
		path := filepath.Join(t.TempDir(), "users")
		if err := os.WriteFile(path, []byte(c.before), 0o640); err != nil {
			t.Fatal(err)
		}
		before, err := account.ReadFile(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := account.Add(path, account.User{Name: "baru", Hash: "$argon2id$3", Role: account.Viewer}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || string(text) != c.after {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		after, err := account.ReadFile(path)
		if err != nil || len(after) != len(before)+1 {
			t.Fatalf("%s: %v %v", name, after, err)
		}
		for i, u := range before {
			if after[i] != u {
				t.Errorf("%s: %+v became %+v", name, u, after[i])
			}
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

func TestChangesOfAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "users")
	for _, c := range []struct {
		user account.User
		want error
	}{
		{account.User{Name: "sari", Hash: "$1", Role: account.Viewer}, nil},
		{account.User{Name: "sari", Hash: "$1", Role: account.Device}, account.ErrExists},
		{account.User{Name: "a:b", Hash: "$1", Role: account.Viewer}, account.ErrName},
		{account.User{Name: "désa", Hash: "$1", Role: account.Viewer}, account.ErrName},
		{account.User{Name: "désa", Hash: "$1", Role: account.Device}, nil},
		{account.User{Name: "budi", Hash: "$1", Role: "owner"}, account.ErrRole},
		{account.User{Name: "budi", Hash: "$1", Role: account.Mesh, Node: "!x"}, account.ErrNode},
	} {
		if err := account.Add(path, c.user); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c.user, err)
		}
	}
	if err := errors.Join(account.SetHash(path, "sari", "$2"), account.Remove(path, "désa")); err != nil {
		t.Fatal(err)
	}
	if err := account.Remove(path, "désa"); !errors.Is(err, account.ErrNoUser) {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "sari:$2:viewer\n" {
		t.Errorf("%v %s", err, text)
	}
	if err := os.WriteFile(path, []byte("sari:$2:viewer\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := account.SetHash(path, "sari", "$3"); err == nil || !strings.Contains(err.Error(), path+":2: ") {
		t.Errorf("a file that cannot be read was changed: %v", err)
	}
}
