// Package doctor examines a site: configuration, ports, brokers, disk, journal, store,
// clock, users and certificates; for each it says how it is and what to do. It changes
// nothing, so that it may run beside the gateway: it opens no port, takes nobody's
// session at a broker, and only reads the journal.
//
// Stage: tool; it reaches the world as the gateway does, and uses no stage of the
// flow.
package doctor
