// Package serialport is the life of a serial port with a radio behind it: open,
// read, lose, find again. It carries bytes and knows nothing of what they say.
//
// Of go.bug.st/serial 1.8 it must know: a read that times out gives no bytes and no error;
// an adapter that was pulled out and a Close of ours give the same error; Close may
// drain for half a minute, and does not end a Write that hangs (its issues 104 and 150),
// so both have deadlines. An adapter may come back under another name: it is found again
// by its pattern or its serial number.
//
// Stage: radio → **serialport** → bytes → link.
package serialport
