package rules

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	namedFunction = regexp.MustCompile("`([a-z0-9/]+/[a-z0-9_]+\\.go):([A-Za-z0-9]+)`")
	markdownLink  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingMark   = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// root is the repository's folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// papers calls read with every Markdown file of the repository, by its path in it.
func papers(t *testing.T, tree string, read func(name, text string)) {
	t.Helper()
	err := filepath.WalkDir(tree, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && (name == "node_modules" || name == ".git" || name == "dist") {
			return filepath.SkipDir
		}
		if filepath.Ext(file) != ".md" {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(tree, file)
		read(filepath.ToSlash(name), string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestArchitectureNamesRealFunctions: the pressed key of gateway/README.md goes through
// files and functions that are there.
func TestArchitectureNamesRealFunctions(t *testing.T) {
	t.Parallel()
	tree := root(t)
	page, err := os.ReadFile(filepath.Join(tree, "gateway/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := namedFunction.FindAllStringSubmatch(string(page), -1)
	if len(named) < 20 {
		t.Errorf("only %d functions are named", len(named))
	}
	for _, n := range named {
		text, err := os.ReadFile(filepath.Join(tree, n[1]))
		if err != nil {
			t.Errorf("%s is named and is not there", n[1])
			continue
		}
		if !regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + n[2] + `\(`).Match(text) {
			t.Errorf("%s has no function %s", n[1], n[2])
		}
	}
}

// TestArchitectureHasTheRanking: the table of who may import whom in gateway/README.md
// is the one that is enforced.
func TestArchitectureHasTheRanking(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root(t), "gateway/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for i, line := range ranking {
		rooms := slices.Clone(line)
		for k, room := range rooms {
			rooms[k] = "`" + strings.TrimSuffix(room, "/") + "`"
		}
		fmt.Fprintf(&table, "| %d | %s |\n", i+1, strings.Join(rooms, ", "))
	}
	if !strings.Contains(string(page), table.String()) {
		t.Errorf("gateway/README.md should have\n%s", table.String())
	}
}

// TestLinksOfThePapersLead holds every relative link of a Markdown file to a file, and
// its fragment to a heading of it.
func TestLinksOfThePapersLead(t *testing.T) {
	t.Parallel()
	tree := root(t)
	papers(t, tree, func(name, text string) {
		for _, m := range markdownLink.FindAllStringSubmatch(text, -1) {
			target, fragment, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			target = path.Join(path.Dir(name), target)
			if m[1][0] == '#' {
				target = name
			}
			if target == ".." || strings.HasPrefix(target, "../") {
				t.Errorf("%s points out of the repository: %s", name, m[1])
				continue
			}
			linked, err := os.ReadFile(filepath.Join(tree, target))
			if info, statErr := os.Stat(filepath.Join(tree, target)); statErr != nil || err != nil && !info.IsDir() {
				t.Errorf("%s links to %s, which is not there", name, m[1])
				continue
			}
			if fragment != "" && !hasHeading(string(linked), fragment) {
				t.Errorf("%s links to %s: no such heading", name, m[1])
			}
		}
	})
}

// hasHeading tells whether a text has a heading whose anchor is this one, made as
// GitHub makes it.
func hasHeading(text, anchor string) bool {
	for line := range strings.Lines(text) {
		if heading := strings.TrimLeft(line, "#"); heading != line {
			words := headingMark.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
			if strings.ReplaceAll(words, " ", "-") == anchor {
				return true
			}
		}
	}
	return false
}
