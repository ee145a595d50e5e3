package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ranking is which room stands before which: a package imports only what stands in
// an earlier line, or in its own. The longest prefix that matches counts.
var ranking = [][]string{
	{"geo/"},
	{"devices/"},
	{"devices/protocol/", "devices/transport/", "devices/account/"},
	{"gateway/incident/sop/", "gateway/journal/", "gateway/state/snapshot/"},
	{"gateway/incident/"},
	{"gateway/state/", "gateway/status/", "gateway/journal/probe/", "telemetry/"},
	{"gateway/outbound/", "gateway/simulation/"},
	{"gateway/inbound/", "configs/"},
	{"gateway/history/"},
	{"gateway/http/", "gateway/config/"},
	{"gateway/datadir/", "gateway/cluster/", "gateway/memory/"},
	{"gateway/ops/"},
	{"gateway/"},
	{"cmd/"},
}

// rank is a package's line in the ranking, -1 for one that has none.
func rank(pkg string) int {
	best, length := -1, -1
	for i, rooms := range ranking {
		for _, room := range rooms {
			if strings.HasPrefix(pkg+"/", room) && len(room) > length {
				best, length = i, len(room)
			}
		}
	}
	return best
}

// TestDataFlowsOneWay holds every package to the rooms that stand before its own:
// bytes → frame → report → journal → tracker → update → sinks. Helpers of tests may
// import anything, and nothing that is shipped imports them.
func TestDataFlowsOneWay(t *testing.T) {
	t.Parallel()
	const module = "htgateway/"
	for _, line := range packagesAs(t, `{{.ImportPath}} {{join .Imports " "}}`) {
		words := strings.Fields(line)
		name := strings.TrimPrefix(words[0], module)
		own := rank(name)
		if own < 0 {
			t.Errorf("package %s stands in no room", name)
		}
		if helpsTests(name) {
			continue
		}
		for _, dep := range words[1:] {
			dep, ours := strings.CutPrefix(dep, module)
			switch {
			case !ours:
			case helpsTests(dep):
				t.Errorf("%s imports %s, which is for tests", name, dep)
			case rank(dep) > own:
				t.Errorf("%s imports %s, which does not stand before it", name, dep)
			}
		}
	}
}

// helpsTests tells whether a package is for tests only: its name ends in "test", or it
// holds end-to-end tests.
func helpsTests(name string) bool {
	return strings.HasSuffix(name, "test") || strings.HasPrefix(name, "gateway/sitetest/")
}

// The root package makes the parts and joins them: more than this is no wiring.
const (
	rootFiles = 5 // beside doc.go and tests
	rootLines = 999
)

// TestTheRootOnlyWires holds the daemon's own package to a size that has no room for work.
func TestTheRootOnlyWires(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../gateway/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var wiring []string
	lines := 0
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasSuffix(name, "_test.go") || name == "doc.go" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		wiring = append(wiring, name)
		lines += strings.Count(string(text), "\n")
	}
	if len(wiring) == 0 || len(wiring) > rootFiles || lines > rootLines {
		t.Errorf("the root package has %d lines in %v: at most %d in %d files", lines, wiring, rootLines, rootFiles)
	}
}

// partsOfLinks run, and are seen through the link or the queue that they belong to.
var partsOfLinks = []string{"link.Framer", "link.Registrar", "downlink.Downlink"}

// TestWhatRunsSaysHowItStands holds every way in and every sink to status.Reporter: a type
// of theirs that runs has a Status of its own, or of what it is made of.
func TestWhatRunsSaysHowItStands(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("../../../gateway/outbound/*")
	if err != nil {
		t.Fatal(err)
	}
	var running []string
	for _, dir := range append(dirs, "../../../gateway/inbound/link") {
		methods, embeds := typesIn(t, dir)
		for name := range methods {
			if !ast.IsExported(name) || !has(methods, embeds, name, "Run") {
				continue
			}
			full := filepath.Base(dir) + "." + name
			running = append(running, full)
			if !has(methods, embeds, name, "Status") && !slices.Contains(partsOfLinks, full) {
				t.Errorf("%s runs and does not say how it stands", full)
			}
		}
	}
	for _, one := range []string{"link.Line", "link.Session", "link.Broker", "link.Folder", "link.Phones", "link.Keypads", "link.Site", "webhook.Hook", "cot.Sink", "mqtt.Publisher", "edge.Sender", "series.Sink"} {
		if !slices.Contains(running, one) {
			t.Errorf("%s is no longer found: this test looks at the wrong place", one)
		}
	}
}

// typesIn are the methods of each type of a package, and the types that it embeds.
func typesIn(t *testing.T, dir string) (methods, embeds map[string][]string) {
	t.Helper()
	methods, embeds = map[string][]string{}, map[string][]string{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil {
					of := typeName(n.Recv.List[0].Type)
					methods[of] = append(methods[of], n.Name.Name)
				}
			case *ast.TypeSpec:
				s, is := n.Type.(*ast.StructType)
				if !is {
					break
				}
				methods[n.Name.Name] = append(methods[n.Name.Name], "")
				for _, f := range s.Fields.List {
					if len(f.Names) == 0 {
						embeds[n.Name.Name] = append(embeds[n.Name.Name], typeName(f.Type))
					}
				}
			}
			return true
		})
	}
	return methods, embeds
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// has tells whether a type or one that it embeds has a method.
func has(methods, embeds map[string][]string, name, method string) bool {
	return slices.Contains(methods[name], method) ||
		slices.ContainsFunc(embeds[name], func(inner string) bool { return has(methods, embeds, inner, method) })
}

// packagesAs is a line of each package of the module, as go list makes it.
func packagesAs(t *testing.T, format string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", format, "../../../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
