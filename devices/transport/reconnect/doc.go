// Package reconnect keeps a line that comes and goes: a serial adapter that is pulled out, a
// TNC on the network that restarts.
//
// Stage: tool; the transports ask it when to try again, and keep their state in it.
package reconnect
