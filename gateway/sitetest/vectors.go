package sitetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// MeshtasticVectors reads "name packet" lines of the decoder's own vectors.
func MeshtasticVectors(t *testing.T, file string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(Root(t), "devices", "protocol", "meshtastic", "testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		name, packet, _ := strings.Cut(strings.TrimSpace(line), " ")
		out[name] = packet
	}
	return out
}
