// Package reconnect keeps a line that comes and goes: a serial adapter that is pulled out, a
// TNC on the network that restarts.
//
// Flow: none; it says when to try, and how the line stands.
package reconnect
