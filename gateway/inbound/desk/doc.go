// Package desk turns what dispatchers, call takers and CADs ask for into acts in the
// journal: what link and intake are for radios, desk is for people. It checks a request
// against the present state; the act takes effect only when the tracker reads it from the
// journal.
//
// Stage: request → **desk** → act → journal.
package desk
