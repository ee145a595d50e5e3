package rules

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

// private are words of which nobody in this trade could guess what they meant here, or
// that meant several things.
var private = regexp.MustCompile(`\b(told|earshot|takeUp|waitingRoom|thrift|hurry|untold|letIn|wholefile|legibility|shelve|tenure|cries)\b`)

// privateWords finds them in a source's names and comments; what users read, and what an
// example prints of it, is prose.
func privateWords(source []byte) (out []token.Position) {
	set := token.NewFileSet()
	var s scanner.Scanner
	s.Init(set.AddFile("", -1, len(source)), source, nil, scanner.ScanComments)
	for printed := false; ; {
		pos, kind, text := s.Scan()
		printed = kind == token.COMMENT && (printed || text == "// Output:")
		switch {
		case kind == token.EOF:
			return out
		case !printed && (kind == token.IDENT || kind == token.COMMENT):
			for _, at := range private.FindAllStringIndex(text, -1) {
				out = append(out, set.Position(pos+token.Pos(at[0])))
			}
		}
	}
}

// TestWordsAreOfTheTrade holds names and comments of all Go code.
func TestWordsAreOfTheTrade(t *testing.T) {
	t.Parallel()
	if got := privateWords([]byte("package a\n\n// It was to" + "ld.\nvar hur" + "ry = \"to" + "ld\"\n")); len(got) != 2 {
		t.Fatalf("%v: the rule sees nothing", got)
	}
	eachFile(t, func(name string, text []byte) {
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "/testdata/") {
			return
		}
		for _, at := range privateWords(text) {
			t.Errorf("%s:%d: a word that is not the trade's", name, at.Line)
		}
	})
}

// vague are words that say nothing of what a thing of the tracker is.
var vague = []string{"team", "part", "file", "story", "floor", "ground"}

// vagueNames finds types and fields of such a name.
func vagueNames(f *ast.File) (out []*ast.Ident) {
	ast.Inspect(f, func(n ast.Node) bool {
		var names []*ast.Ident
		switch n := n.(type) {
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.StructType:
			for _, field := range n.Fields.List {
				names = append(names, field.Names...)
			}
		}
		for _, name := range names {
			if slices.Contains(vague, strings.ToLower(name.Name)) {
				out = append(out, name)
			}
		}
		return true
	})
	return out
}

// TestTrackerNamesThings: no type and no field of the tracker has a name that says
// nothing.
func TestTrackerNamesThings(t *testing.T) {
	t.Parallel()
	set := token.NewFileSet()
	sample, err := parser.ParseFile(set, "", "package a\n\ntype team struct{ floor int }\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := vagueNames(sample); len(got) < 2 {
		t.Fatalf("%v: the rule sees nothing", got)
	}
	files, err := filepath.Glob(filepath.Join(sitetest.Root(t), "gateway", "incident", "tracker", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tracker: %v", err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(set, path, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range vagueNames(f) {
			t.Errorf("%s: %s", set.Position(name.Pos()), name.Name)
		}
	}
}
