package api

import "htgateway/gateway/http/signin"

// byDevice marks routes that check a proof of their own, a device's token or
// password, instead of a person's.
const byDevice signin.Right = "device"

// rights says for every route of the API what its caller must be allowed. A test
// holds it against the router: a new route without a right is refused to all.
func rights() map[string]signin.Right {
	return map[string]signin.Right{
		"GET /api/v1/session":                    signin.See,
		"GET /api/v1/units":                      signin.See,
		"GET /api/v1/units/{id}/track":           signin.See,
		"POST /api/v1/units/{id}/messages":       signin.Act,
		"GET /api/v1/incidents":                  signin.See,
		"POST /api/v1/incidents":                 signin.Act,
		"GET /api/v1/incidents/{id}":             signin.See,
		"GET /api/v1/incidents/{id}/record":      signin.See,
		"POST /api/v1/incidents/{id}/dispatch":   signin.Act,
		"POST /api/v1/incidents/{id}/review":     signin.Act,
		"POST /api/v1/incidents/{id}/notes":      signin.Act,
		"POST /api/v1/incidents/{id}/milestones": signin.Act,
		"POST /api/v1/incidents/{id}/close":      signin.Act,
		"POST /api/v1/incidents/{id}/release":    signin.Act,
		"POST /api/v1/incidents/{id}/cancel":     signin.Act,
		"POST /api/v1/incidents/{id}/reopen":     signin.Act,
		"POST /api/v1/incidents/{id}/relocate":   signin.Act,
		"POST /api/v1/incidents/{id}/merge":      signin.Act,
		"POST /api/v1/incidents/{id}/erase":      signin.Keep,
		"GET /api/v1/alerts":                     signin.See,
		"GET /api/v1/messages":                   signin.See,
		"POST /api/v1/alerts/{id}/acknowledge":   signin.Act,
		"GET /api/v1/events":                     signin.See,
		"GET /api/v1/telemetry/intervals":        signin.Study,
		"GET /api/v1/telemetry/report":           signin.Study,
		"GET /api/v1/telemetry/dead-letters":     signin.See,
		"GET /api/v1/openapi.json":               signin.See,
		"GET /api/v1/links":                      signin.See,
		"GET /api/v1/reports/{id}":               signin.See,
		"GET /api/v1/replay":                     signin.See,
		"GET /api/v1/alarms":                     signin.See,
		"GET /api/v1/setup":                      signin.See,
		"GET /api/v1/places":                     signin.See,
		"GET /api/v1/map/overlay.geojson":        signin.See,
		"GET /api/v1/map/tiles.pmtiles":          signin.See,
		"GET /api/v1/devices":                    signin.See,
		"GET /api/v1/devices/unknown":            signin.See,
		"POST /api/v1/devices/{device}/report":   byDevice,
		"POST /api/v1/edges/{site}/records":      byDevice,
		"POST /api/v1/units":                     signin.Act,
		"POST /api/v1/units/{id}/devices":        signin.Act,

		"DELETE /api/v1/units/{id}/devices/{device...}": signin.Act,
		"GET /metrics": signin.See,
		profiles:       signin.Keep,
	}
}
