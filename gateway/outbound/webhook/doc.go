// Package webhook posts updates to another system's HTTP server, in order, each
// until the server has it.
//
// One update is one POST of JSON, as the event stream has it. Its headers are
//
//	Htgateway-Id         the update's id: the same again is the same update
//	Htgateway-Timestamp  when this attempt was made, seconds since 1970
//	Htgateway-Signature  "v1=" and hexadecimal HMAC-SHA256, under the shared
//	                     secret, of the timestamp, a dot and the body
//
// A receiver computes the signature over what it received, compares in constant
// time, and refuses timestamps that are minutes away. Any 2xx answer takes the
// update. 400, 410, 413, 415 and 422 refuse it for good: it goes to the dead
// letters. Everything else, redirects among it, is tried again.
//
// Stage: update → **webhook** → another system.
package webhook
