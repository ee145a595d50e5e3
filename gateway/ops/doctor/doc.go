// Package doctor looks a site over: its configuration, ports, brokers, disk,
// journal, store, clock, users and certificates, and says of each how it is and what
// to do. It changes nothing, so that it may be asked while the gateway runs: it
// opens no port, takes nobody's session at a broker, and reads the journal only.
//
// Flow: beside it. It uses what the gateway uses to reach the world and no part of
// what becomes of reports.
package doctor
