package mutants

import (
	"encoding/json"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Mutant is a rule that is broken: in a file of the module, Old becomes New.
type Mutant struct{ Rule, File, Old, New string }

// Tests are those that have to notice.
type Tests struct {
	// Package is theirs, as "./gateway/incident/sop"; Run chooses among them as go test does.
	Package, Run string
}

// Sample is so many of a list, others with every commit. Outside of a repository it is
// the same few.
func Sample[T any](list []T, n int) []T {
	seed := fnv.New64a()
	if head, err := exec.Command("git", "rev-parse", "HEAD").Output(); err == nil {
		_, _ = seed.Write(head) // never fails
	}
	r := rand.New(rand.NewPCG(seed.Sum64(), 0)) // #nosec G404 -- a sample that can be drawn again
	var out []T
	for _, i := range r.Perm(len(list))[:min(n, len(list))] {
		out = append(out, list[i])
	}
	return out
}

// Notice breaks the rule and has the tests run, which must fail.
func (m Mutant) Notice(t *testing.T, by Tests) {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, m.File)
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.Old); n != 1 {
		t.Fatalf("%s has %q %d times: bring the list up to date", m.File, m.Old, n)
	}
	broken, overlay := filepath.Join(t.TempDir(), "broken.go"), filepath.Join(t.TempDir(), "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: broken}})
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string][]byte{broken: []byte(strings.Replace(string(source), m.Old, m.New, 1)), overlay: replace} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-overlay", overlay, "-run", by.Run, by.Package) // #nosec G204 -- packages of this module
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		t.Errorf("no test of %s notices that %q is broken", by.Package, m.Rule)
	case !strings.Contains(string(out), "--- FAIL") && !strings.Contains(string(out), "panic:"):
		t.Fatalf("the broken rule does not run: %v\n%s", err, out)
	}
}

// moduleRoot is the nearest folder above the test's that has a go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", os.ErrNotExist
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}
