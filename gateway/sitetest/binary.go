package sitetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Exit codes of the program.
const (
	ExitDone = 0
	ExitData = 1 // something in the data was wrong
)

// Binary is the path of the real program, as this checkout builds it.
func Binary(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the real program")
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// built builds the program once for every test binary of a checkout: go build leaves
// alone what is up to date, and a lock keeps two from building at once.
var built = sync.OnceValues(func() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	if err := readSources(root); err != nil {
		return "", err
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("htgateway-sitetest-%d-%.8x", os.Getuid(), sha256.Sum256([]byte(root))))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("cannot wait for another build: %w", err)
	}
	path := filepath.Join(dir, "htgateway")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "./cmd/htgateway")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the program: %w: %s", err, out)
	}
	return path, nil
})

// readSources opens every folder that the program is built from: go test keeps the
// result of a test until a file changes that the test has opened, and knows nothing of
// what a program that it starts is made of.
func readSources(root string) error {
	list := exec.Command("go", "list", "-deps", "-f", `{{if not .Standard}}{{.Dir}}{{range .EmbedFiles}}
{{$.Dir}}/{{.}}{{end}}{{end}}`, "./cmd/htgateway")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("cannot list the program's sources: %w", err)
	}
	for path := range strings.Lines(string(out)) {
		path = strings.TrimSpace(path)
		if !strings.HasPrefix(path, root) {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// Root is the folder of the module.
func Root(t testing.TB) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// moduleRoot is the nearest folder above the test's that has a go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
}

// Run runs one command line of the program and returns its exit code, -1 when it could
// not be run.
func Run(ctx context.Context, t testing.TB, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	t.Helper()
	cmd := exec.CommandContext(ctx, Binary(t), args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}
