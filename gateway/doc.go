// Package gateway is the daemon: it makes links, journal, tracker and sinks from the
// configuration, in the order in which data flows, starts them and stops them. It holds
// no logic of its own. README.md beside this file is the architecture.
//
// Stage: **gateway** joins bytes → frame → report → journal → tracker → update → sink.
package gateway
