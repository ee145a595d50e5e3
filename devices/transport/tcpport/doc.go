// Package tcpport is the life of a TCP connection to something that speaks like a
// serial line: a software TNC (Direwolf's KISS port) or a serial device server. It
// carries bytes and knows nothing of what they say.
//
// Stage: TNC → **tcpport** → bytes → link.
package tcpport
