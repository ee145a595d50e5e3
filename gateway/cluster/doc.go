// Package cluster says which gateway of an area acts. Gateways that share a journal fold
// it all along; one of them leads: it listens, and sends to devices and other systems.
// The others stand by, and one of them takes over when the leader is gone. A gateway with
// a journal of its own leads at once.
//
// Stage: tool; what listens and what sends begins when this gateway leads.
package cluster
