package rules

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/devices"
	"htgateway/devices/protocol"
	"htgateway/gateway/sitetest"
)

// otherLists are files with words that are also names of protocols, and what they are there.
var otherLists = map[string]string{
	"../../../devices/codebook.go":           "families of devices, whose keys have codes",
	"../../../gateway/simulation/station.go": "the radios that the simulation plays",
}

// TestOnlyTheCatalogueListsProtocols: no other file chooses by the names of three or
// more protocols, or makes decoders of two or more.
func TestOnlyTheCatalogueListsProtocols(t *testing.T) {
	t.Parallel()
	names := protocolConstants(t)
	if len(names) != len(protocol.All()) {
		t.Fatalf("%v are the names, of %d protocols", names, len(protocol.All()))
	}
	err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == ".git"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.ToSlash(path) == "../../../devices/protocol/protocol.go":
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.CompositeLit, *ast.SwitchStmt:
				if otherLists[filepath.ToSlash(path)] != "" {
					return false
				}
				if listed := protocolsIn(n, names); len(listed) > 2 {
					t.Errorf("%s lists protocols: %v", path, listed)
					return false
				}
			}
			return true
		})
		if made := decodersIn(file); len(made) > 1 {
			t.Errorf("%s makes decoders of %v", path, made)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// protocolConstants are the names of the constants of devices.Protocol.
func protocolConstants(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../../devices/report.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, is := n.(*ast.ValueSpec); is {
			if kind, is := spec.Type.(*ast.Ident); is && kind.Name == "Protocol" {
				names[spec.Names[0].Name] = true
			}
		}
		return true
	})
	return names
}

// protocolsIn are the protocols that a piece of source names, by constant or as text.
func protocolsIn(n ast.Node, names map[string]bool) map[string]bool {
	listed := map[string]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, is := n.X.(*ast.Ident); is && x.Name == "devices" && names[n.Sel.Name] {
				listed[n.Sel.Name] = true
			}
		case *ast.BasicLit:
			if _, known := protocol.Find(devices.Protocol(strings.Trim(n.Value, `"`))); known && n.Kind == token.STRING {
				listed[n.Value] = true
			}
		}
		return true
	})
	return listed
}

// decodersIn are the protocols of which a file makes decoders.
func decodersIn(file *ast.File) map[string]bool {
	of := map[string]bool{}
	for _, i := range file.Imports {
		if path := strings.Trim(i.Path.Value, `"`); strings.HasPrefix(path, "htgateway/devices/protocol/") {
			of[filepath.Base(path)] = true
		}
	}
	made := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, is := n.(*ast.SelectorExpr); is {
			x, named := s.X.(*ast.Ident)
			if named && of[x.Name] && (s.Sel.Name == "NewDecoder" || s.Sel.Name == "Decode") {
				made[x.Name] = true
			}
		}
		return true
	})
	return made
}

// TestReportsNameTheirProtocol: what a decoder of the catalogue reads says so.
func TestReportsNameTheirProtocol(t *testing.T) {
	t.Parallel()
	for _, e := range protocol.All() {
		var out, errs bytes.Buffer
		sitetest.Run(t.Context(), t, []string{"decode", "--protocol", string(e.Name), "--encoding", "raw"}, strings.NewReader("\xc0\x00x\xc0 nothing\r\n"), &out, &errs)
		if !strings.Contains(out.String(), `"protocol":"`+string(e.Name)+`"`) {
			t.Errorf("%s: %s%s", e.Name, out.String(), errs.String())
		}
	}
}
