package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDeviceUsersAreAddedListedAndRemoved(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(file, []byte("# phones of the north\nlama:$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$a2V5\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		exit int
		says string
	}{
		{"add --device psc1 --file", exitDone, "password "},
		{"add --device psc1 --file", exitUsage, "already"},
		{"add --device bukit --role mesh --file", exitUsage, "--node"},
		{"add --device bukit --role mesh --node !7D --file", exitUsage, "eight hexadecimal digits"},
		{"add --device bukit --role mesh --node !7d5a1c2e --file", exitDone, "password "},
		{"add --device layar --role reader --file", exitDone, "password "},
		{"add --device a/b --file", exitUsage, "not allowed"},
		{"add --device budi --role dispatcher --file", exitUsage, `"dispatcher"`},
		{"password layar --file", exitDone, "password "},
		{"remove psc1 --file", exitDone, ""},
		{"remove psc1 --file", exitUsage, "no such user"},
	} {
		var out, errs bytes.Buffer
		code := run(context.Background(), append([]string{"user"}, append(strings.Fields(c.args), file)...), nil, &out, &errs)
		if code != c.exit || !strings.Contains(out.String()+errs.String(), c.says) {
			t.Errorf("%s: exit %d, %s%s", c.args, code, out.String(), errs.String())
		}
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"user", "list", "--file", file}, nil, &out, &errs); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	if got != "bukit mesh !7d5a1c2e lama device layar reader" {
		t.Errorf("%q", got)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(text), "# phones of the north\nlama:$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$a2V5\nbukit:") {
		t.Errorf("%v\n%s", err, text)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", info, err)
	}
}
