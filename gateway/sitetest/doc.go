// Package sitetest runs the real program as a site would, for tests: a gateway in a
// process of its own with its configuration in a temporary folder, radios on ptys, phones
// on MQTT, a TNC, a cable that can be cut, dispatchers in a browser. The tests stand in
// the folders below, by what they are about: system, page, faults, measures, and rules,
// which are those of the repository itself. Nothing else imports it.
//
// Stage: tool
package sitetest
