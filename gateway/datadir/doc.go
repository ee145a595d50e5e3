// Package datadir is a gateway's data folder: which files are in it, what each is called,
// and how it is opened, to write by the daemon and to read by the commands that may run
// beside it. No other package spells these names.
//
// Flow: beside the flow; the daemon and the commands open what journal, state and
// telemetry then work on.
package datadir
