package incident_test

import (
	"testing"

	"htgateway/devices/devicestest"
	"htgateway/gateway/incident"
)

func TestUpdateWritesAsEncodingJSON(t *testing.T) {
	t.Parallel()
	devicestest.FilledWriteAsEncodingJSON[incident.Update](t)
}
