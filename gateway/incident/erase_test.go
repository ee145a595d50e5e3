package incident_test

import (
	"testing"

	"htgateway/gateway/incident"
)

// TestErasedActKeepsNoDigest: by a digest of what was asked for, whoever knows the rest could
// try who called.
func TestErasedActKeepsNoDigest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		act  incident.Act
		kept bool
	}{
		{"an opening with a caller", incident.Act{Request: "d", Opening: &incident.Opening{Caller: "Bu Aminah"}}, false},
		{"a note that names one", incident.Act{Request: "d", Kind: incident.ActNote, Text: "Bu Aminah menelepon lagi"}, false},
		{"a reason that names one", incident.Act{Request: "d", Kind: incident.ActClose, Reason: "kata Bu Aminah padam"}, false},
		{"an act that names nobody", incident.Act{Request: "d", Kind: incident.ActClose, Reason: "padam"}, true},
	} {
		got, changed := c.act.Without([]string{"Bu Aminah"})
		if changed == c.kept || (got.Request == "d") != c.kept {
			t.Errorf("%s: changed %v, digest %q", c.name, changed, got.Request)
		}
	}
}
