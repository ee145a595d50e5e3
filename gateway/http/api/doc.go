// Package api is the gateway's HTTP door: JSON for scripts and the page, and a
// stream of events that resumes where it was.
//
// Flow: … → tracker → update → sinks; the event stream is a sink, and requests
// become acts through the desk.
package api
