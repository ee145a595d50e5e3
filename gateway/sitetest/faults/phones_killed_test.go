package faults

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"htgateway/gateway/sitetest"
)

// TestKillLosesNothingAcknowledged: twenty devices send ten thousand QoS 1 messages
// to the embedded broker, and the gateway is killed at random instants and started
// again. The devices connect and send again by themselves. In the end every message is
// acknowledged, and in the journal exactly once.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	const phones, each, kills = 20, 500, 3
	names := sitetest.DeviceNames(phones)
	s := sitetest.New(t, names...)
	addr := fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t))
	s.ReplaceConfig(`mqtt: {embedded: {listen: "127.0.0.1:0"`, fmt.Sprintf(`mqtt: {embedded: {listen: %q`, addr))
	s.Start()
	st := sitetest.NewStream(t, addr, names, each, 2)
	for n := range kills {
		st.AwaitAcknowledged((n+1)*phones*each/(kills+1) + rand.IntN(phones*each/20))
		s.Kill()
		s.Start()
	}
	st.AwaitAcknowledged(phones * each)
	s.Kill()
	stored := storedTexts(t, s)
	for text := range st.Ledger.By {
		if stored[text] != 1 {
			t.Errorf("acknowledged %q is in the journal %d times", text, stored[text])
		}
	}
	if len(stored) != phones*each {
		t.Errorf("%d different messages stored of %d", len(stored), phones*each)
	}
}

// storedTexts counts the journal's reports by their text.
func storedTexts(t *testing.T, s *sitetest.Site) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, r := range sitetest.StoredReports(t, filepath.Join(s.Dir, "data", "journal.db")) {
		counts[r.Text]++
	}
	return counts
}
