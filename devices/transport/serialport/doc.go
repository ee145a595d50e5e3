// Package serialport is the life of a serial port with a radio behind it: open,
// read, lose, find again. It carries bytes and knows nothing of what they say.
//
// Stage: radio → **serialport** → bytes → link.
package serialport
