package signin_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"htgateway/gateway/http/signin"
)

// FuzzReadUsers: a users file is read as a whole or not at all, and written anew it is
// the same users.
func FuzzReadUsers(f *testing.F) {
	for _, text := range []string{
		"", "# nobody\n", "andi:dispatcher:$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA\n", "andi:admin:x\r\nbudi:viewer:y:z\n",
		"andi:king:x\n", "andi\n", "an di:viewer:x\n", "andi:viewer:x\nandi:admin:y\n", "andi:viewer:\n", strings.Repeat("a", 41) + ":viewer:x",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "users")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		users, err := signin.ReadUsers(path)
		if err != nil {
			if users != nil || !strings.HasPrefix(err.Error(), path+":") {
				t.Fatalf("%d users, and %q names no line", len(users), err)
			}
			return
		}
		names := map[string]bool{}
		for _, u := range users {
			if names[u.Name] || u.Name == "" || len(u.Name) > 40 || !slices.Contains(signin.Roles(), u.Role) {
				t.Fatalf("%+v", u)
			}
			names[u.Name] = true
		}
		if err := signin.WriteUsers(path, users); err != nil {
			t.Fatal(err)
		}
		if again, err := signin.ReadUsers(path); err != nil || !slices.Equal(again, users) {
			t.Fatalf("%+v, %v, not %+v", again, err, users)
		}
	})
}
