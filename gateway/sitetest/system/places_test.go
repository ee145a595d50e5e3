package system

import (
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

// TestAddressPlacesAnIncident: an address without coordinates gives a place with its
// uncertainty; one that may mean several gives none, and says what it may mean.
func TestAddressPlacesAnIncident(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	var in incidentView
	s.Post("/incidents", map[string]any{"category": "fire", "address": "DS. CIGASONG KEC. CIGASONG"}, &in)
	if in.District != "Cigasong" || in.Location.Lat == 0 || in.Location.UncertaintyM < 300 || in.Location.RadiusM != 0 || len(in.Notes) != 0 {
		t.Errorf("not placed: %+v", in)
	}
	in = incidentView{}
	s.Post("/incidents", map[string]any{"category": "fire", "address": "Desa Banjaran"}, &in)
	if in.Location.Lat != 0 || len(in.Notes) != 1 || !strings.Contains(in.Notes[0].Text, "Banjaran, Kec. Sumberjaya") {
		t.Errorf("an ambiguous address: %+v", in)
	}
	s.Stop()
}
