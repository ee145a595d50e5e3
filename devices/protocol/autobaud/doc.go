// Package autobaud finds the speed and the protocol of a line: every decoder reads the
// same bytes, and what it could read is weighed against what it refused. It opens no
// port and reads no clock.
//
// Stage: tool; it chooses the decoder of a line.
package autobaud
