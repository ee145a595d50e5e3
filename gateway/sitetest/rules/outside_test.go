package rules

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

// eachFile calls read with every file that is kept in the repository, by its path in it.
func eachFile(t *testing.T, read func(name string, text []byte)) {
	t.Helper()
	root := sitetest.Root(t)
	made := map[string]bool{".git": true, ".cache": true, "node_modules": true, "dist": true, "bin": true, "bench": true}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && made[d.Name()] && name != filepath.Join("cmd", "bench"):
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read(filepath.ToSlash(name), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sharedPath is a path through a folder of that name, ownShared one into the page's own.
var (
	sharedPath = regexp.MustCompile(`[\w./-]*\bshared/[\w./-]*`)
	ownShared  = regexp.MustCompile(`(^|/)web/src/shared/|^src/shared/`)
)

// pointsOutside finds references to a folder beside the repository. The page's sources
// name their own folder by ways from where they stand.
func pointsOutside(name, text string) (out []string) {
	for _, path := range sharedPath.FindAllString(text, -1) {
		ofPage := strings.HasPrefix(name, "gateway/http/web/") && !strings.HasSuffix(path, ".md")
		if !ofPage && !ownShared.MatchString(path) {
			out = append(out, path)
		}
	}
	return out
}

// TestNoFilePointsOutside: whoever has the repository has all that its files name.
func TestNoFilePointsOutside(t *testing.T) {
	t.Parallel()
	if got := pointsOutside("devices/a.go", "see ../sha"+"red/design.md and http/web/src/shared/words.ts"); len(got) != 1 || !strings.HasSuffix(got[0], "design.md") {
		t.Fatalf("%q: the rule sees nothing", got)
	}
	files := 0
	eachFile(t, func(name string, text []byte) {
		files++
		if bytes.IndexByte(text, 0) >= 0 || name == "gateway/sitetest/rules/outside_test.go" {
			return
		}
		for _, path := range pointsOutside(name, string(text)) {
			t.Errorf("%s names %s, which is not in the repository", name, path)
		}
	})
	if files < 500 {
		t.Errorf("only %d files were read", files)
	}
}
