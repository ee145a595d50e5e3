package incident_test

import (
	"math/rand/v2"
	"testing"

	"htgateway/devices/devicestest"
	"htgateway/gateway/incident"
)

func TestUpdateWritesAsEncodingJSON(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		var u incident.Update
		devicestest.Filled(r, &u)
		devicestest.WritesAsEncodingJSON(t, &u)
	}
}
