package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol"
)

// whistle is a protocol that nobody speaks: a letter W, a call and a line feed.
const whistle = `// Package whistle is made up.
package whistle

import (
	"bytes"
	"errors"
	"time"

	"htgateway/devices"
)

// Decoder cuts lines.
type Decoder struct{ held []byte }

// Feed takes bytes as they came.
func (d *Decoder) Feed(p []byte, at time.Time) (out []devices.Frame) {
	d.held = append(d.held, p...)
	for {
		line, rest, whole := bytes.Cut(d.held, []byte("\n"))
		if !whole {
			return out
		}
		f := devices.Frame{Raw: bytes.Clone(line), Report: devices.Report{Protocol: "whistle", Kind: devices.KindID, ReceivedAt: at}}
		if name, is := bytes.CutPrefix(line, []byte("W ")); is {
			f.Report.Device = devices.Identity("whistle:" + string(name))
		} else {
			f.Err = errors.New("whistle: no whistle")
		}
		out, d.held = append(out, f), rest
	}
}

// Flush ends a half line.
func (d *Decoder) Flush(time.Time) []devices.Frame { d.held = nil; return nil }
`

// TestAProtocolIsAddedByOneLine builds the program with a folder and one line of the
// catalogue more, and finds the protocol wherever protocols are named.
func TestAProtocolIsAddedByOneLine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := os.ReadFile(filepath.Join(root, "devices/protocol/protocol.go"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(catalogue), "var catalogue = []Entry{\n", "var catalogue = []Entry{\n{Name: \"whistle\", Line: func() LineDecoder { return &whistle.Decoder{} }, Bauds: []int{1200}},\n", 1)
	text = strings.Replace(text, "import (\n", "import (\n\"htgateway/devices/protocol/whistle\"\n", 1)
	overlay := map[string]string{}
	for path, content := range map[string]string{"devices/protocol/protocol.go": text, "devices/protocol/whistle/whistle.go": whistle} {
		with := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(with, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(root, path)] = with
	}
	replace, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), replace, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "htgateway")
	if out, err := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	says := func(stdin string, args ...string) string {
		cmd := exec.Command(program, args...)
		cmd.Stdin = strings.NewReader(stdin)
		out, _ := cmd.CombinedOutput() // some of them end with an error on purpose
		return string(out)
	}
	if out := says("W tower-1\n", "decode", "--protocol", "whistle", "--encoding", "raw"); !strings.Contains(out, `"device":"whistle:tower-1"`) {
		t.Errorf("decode: %s", out)
	}
	config := filepath.Join(dir, "htgateway.yaml")
	for settings, want := range map[string]string{
		"links: [{id: roof, kind: serial, protocol: whistle, device: /dev/ttyS9}]":                 "",
		"links: [{id: roof, kind: serial, protocol: whistle, device: /dev/ttyS9, transmit: true}]": "nothing can be sent",
	} {
		if err := os.WriteFile(config, []byte(settings+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := says("", "config", "check", config); strings.Contains(out, "roof") != (want != "") || !strings.Contains(out, want) {
			t.Errorf("config check of %s: %s", settings, out)
		}
	}
	for _, command := range []string{"decode", "monitor"} {
		if out := says("", command, "--help"); !strings.Contains(out, "whistle") {
			t.Errorf("%s --help does not name it: %s", command, out)
		}
	}
	w := climbWith(t, program, "--protocol", "auto", "--baud", "1200")
	w.await("listening")
	for range 4 {
		time.Sleep(50 * time.Millisecond)
		if _, err := w.radio.WriteString("W tower-2\n"); err != nil {
			t.Fatal(err)
		}
	}
	w.await("found", "whistle")
	w.await("whistle:tower-2")
}

// otherLists are files with words that are also names of protocols, and what they are there.
var otherLists = map[string]string{
	"../../devices/codebook.go":           "families of devices, whose keys have codes",
	"../../gateway/simulation/station.go": "the radios that the simulation plays",
}

// TestOnlyTheCatalogueListsProtocols: no other file chooses by the names of three or
// more protocols, or makes decoders of two or more.
func TestOnlyTheCatalogueListsProtocols(t *testing.T) {
	t.Parallel()
	names := protocolConstants(t)
	if len(names) != len(protocol.All()) {
		t.Fatalf("%v are the names, of %d protocols", names, len(protocol.All()))
	}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == ".git"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.ToSlash(path) == "../../devices/protocol/protocol.go":
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
	file, err := parser.ParseFile(token.NewFileSet(), "../../devices/report.go", nil, 0)
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
		run(t.Context(), []string{"decode", "--protocol", string(e.Name), "--encoding", "raw"}, strings.NewReader("\xc0\x00x\xc0 nothing\r\n"), &out, &errs)
		if !strings.Contains(out.String(), `"protocol":"`+string(e.Name)+`"`) {
			t.Errorf("%s: %s%s", e.Name, out.String(), errs.String())
		}
	}
}
