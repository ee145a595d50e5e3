package incident_test

import (
	"testing"

	"htgateway/gateway/incident"
)

// TestWhatNamesACaller: the caller as it was written, each number however it is spaced, and
// each name in any case; forms of address, offices and parts of other words name nobody.
func TestWhatNamesACaller(t *testing.T) {
	t.Parallel()
	const e = incident.Erased
	for _, c := range []struct{ caller, text, want string }{
		{"Bu Aminah", "HUBUNGI BU AMINAH SEGERA", "HUBUNGI BU " + e + " SEGERA"},
		{"Bu Aminah", "Bu Aminah menunggu, rumah aminah", e + " menunggu, rumah " + e},
		{"Bu Aminah", "bu Siti, ibu dan anak", "bu Siti, ibu dan anak"},
		{"Bu Aminah", "Aminahwati lain orang; rumah Aminahnya", "Aminahwati lain orang; rumah " + e},
		{"Pak Dedi 0812-3456-7890", "telp 081234567890", "telp " + e},
		{"Pak Dedi 0812-3456-7890", "telp +62 812 3456 7890!", "telp " + e + "!"},
		{"Pak Dedi +6281234567890", "0812 3456 7890 atau 0812 3456 7891", e + " atau 0812 3456 7891"},
		{"Pak Dedi 081234567890", "nomor 9081234567890", "nomor 9081234567890"},
		{"Pak Dedi RT 05", "RT 05, dedi", "RT 05, " + e},
		{"ketua RT", "ketua RW", "ketua RW"},
		{"Bu", "Bu Siti", "Bu Siti"},
		{"", "Bu Siti", "Bu Siti"},
		{"O'Brien", "call o'brien", "call " + e},
		{"Bu Ésty", "bu ésty di rumah", "bu " + e + " di rumah"},
	} {
		if got := incident.WithoutCallers(c.text, []string{c.caller}); got != c.want {
			t.Errorf("%q without %q is %q, not %q", c.text, c.caller, got, c.want)
		}
		if again := incident.WithoutCallers(c.want, []string{c.caller}); again != c.want {
			t.Errorf("done twice, %q is %q", c.want, again)
		}
	}
}
