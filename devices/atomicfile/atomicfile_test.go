package atomicfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"htgateway/devices/atomicfile"
)

// newFile is one that is open, in a folder that has another.
func newFile(t *testing.T) (f *os.File, other string) {
	t.Helper()
	other = filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(other, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.CreateTemp(filepath.Dir(other), "")
	if err != nil {
		t.Fatal(err)
	}
	return f, other
}

func TestPut(t *testing.T) {
	t.Parallel()
	f, path := newFile(t)
	if err := atomicfile.Write(f, path, []byte("ne"), []byte("w")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); string(b) != "new" {
		t.Errorf("%q, %v", b, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

// TestPutNowhere: what cannot take its place is not left lying about.
func TestPutNowhere(t *testing.T) {
	t.Parallel()
	f, path := newFile(t)
	if err := atomicfile.Write(f, filepath.Join(path, "below a file"), []byte("new")); err == nil {
		t.Error("no error")
	}
	if b, err := os.ReadFile(path); string(b) != "old" {
		t.Errorf("%q, %v", b, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}
