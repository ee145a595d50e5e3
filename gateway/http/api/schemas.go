package api

import (
	"net/http"

	"htgateway/devices/protocol/fieldjson"
	"htgateway/gateway/inbound/desk"
)

// schemas serves the JSON Schemas of what devices and CADs send. They hold no
// secrets and are open to whoever builds such a device.
func schemas() http.Handler {
	files := map[string][]byte{"field-report.json": fieldjson.Schema, "incident.json": desk.Schema}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		schema, known := files[r.PathValue("name")]
		if !known {
			problem(w, http.StatusNotFound, "no schema "+r.PathValue("name"))
			return
		}
		w.Header().Set("Content-Type", "application/schema+json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(schema) // the client is gone when this fails
	})
}
