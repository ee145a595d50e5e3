package rules

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	flowLine    = regexp.MustCompile(`(?m)^// Stage: (tool|[^\n]*\*\*)`)
	exampleLine = regexp.MustCompile(`(?m)^func Example`)
)

// onlyShown have an example that is compiled and not run: it needs a cluster.
var onlyShown = map[string]bool{"htgateway/gateway/journal/jetstream": true}

// TestEachPackageIsDocumented: each says in doc.go where it stands in the flow, and
// shows its main use in an example that is run with the tests; helpers of tests need
// none.
func TestEachPackageIsDocumented(t *testing.T) {
	t.Parallel()
	for _, line := range packagesAs(t, "{{.ImportPath}}\t{{.Dir}}") {
		name, dir, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("%q", line)
		}
		doc, err := os.ReadFile(filepath.Join(dir, "doc.go"))
		switch {
		case err != nil:
			t.Errorf("%s has no doc.go: %v", name, err)
		case !flowLine.Match(doc):
			t.Errorf("%s: doc.go does not say where it stands: a line // Stage:", name)
		}
		if !helpsTests(strings.TrimPrefix(name, "htgateway/")) && !hasExample(t, dir, onlyShown[name]) {
			t.Errorf("%s has no example with // Output:", name)
		}
	}
}

// hasExample tells whether a test of the folder has an example that is run: one whose
// output is given, or else that is only shown.
func hasExample(t *testing.T, dir string, shown bool) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if exampleLine.Match(text) && (shown || bytes.Contains(text, []byte("// Output:"))) {
			return true
		}
	}
	return false
}
