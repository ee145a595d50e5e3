package config_test

import (
	"testing"

	"htgateway/gateway/config"
)

func TestServiceArea(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ area, county, want string }{
		{"", "Kabupaten Majalengka", "majalengka"},
		{"", "Kab. Bandung Barat", "bandung-barat"},
		{"", "Kota Cirebon", "kota-cirebon"},
		{"", "Kabupaten Cirebon", "cirebon"},
		{"", "Majalengka", "majalengka"},
		{"", "", ""},
		{"mjl-112", "Kabupaten Majalengka", "mjl-112"},
	} {
		if got := (&config.Config{County: c.county, Journal: config.Journal{Area: c.area}}).ServiceArea(); got != c.want {
			t.Errorf("area %q of %q: %q, want %q", c.area, c.county, got, c.want)
		}
	}
}
