package system

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// TestHangupReadsUnitsAgain adds a unit while the gateway runs. What its device
// said before is then counted.
func TestHangupReadsUnitsAgain(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	if _, err := s.Radio.WriteString("$PKLID,00,102,1002,12,00,*69\r\n"); err != nil {
		t.Fatal(err)
	}
	await := func(what string, path string, fits func(body string) bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
			s.Mu.Lock()
			page := s.Page
			s.Mu.Unlock()
			resp, err := http.Get(page + path)
			if err != nil {
				continue
			}
			var raw json.RawMessage
			err = json.NewDecoder(resp.Body).Decode(&raw)
			resp.Body.Close()
			if err == nil && fits(string(raw)) {
				return
			}
		}
		t.Fatalf("never: %s\n%s", what, s.Log)
	}
	await("the stranger is listed", "/api/v1/devices/unknown", func(b string) bool { return strings.Contains(b, "fleetsync:102-1002") })
	path := filepath.Join(s.Dir, "units.yaml")
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	more := "  - {id: damkar-2, call_sign: DAMKAR 2, agency: Damkar, devices: [\"fleetsync:102-1002\"]}\n"
	if err := os.WriteFile(path, append(have, more...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	await("the unit with what it had said", "/api/v1/units", func(b string) bool {
		return strings.Contains(b, `"id":"damkar-2"`) && strings.Contains(b, `"status":"en_route"`)
	})
	s.Stop()
}
