// Package api serves the gateway over HTTP: JSON for scripts and the page, and a stream
// of events that resumes where it was. openapi.yaml is the contract.
//
// Stage: state, update → **api** → page, scripts; and request → **api** → desk.
package api
