// Package capture is the file format of recorded line bytes: what a radio sent
// over a serial line, with its timing, so that it can be played back elsewhere.
//
// Stage: tool; a capture takes the place of a serial line.
//
// # Format
//
// A capture is a text of JSON objects, one a line, each line ended by LF and at
// most [MaxLine] bytes long. The first line is the header:
//
//	{"capture":1,"port":"/dev/ttyUSB0","baud":9600,"protocol":"kenwood","started":"2026-11-24T02:25:11.5Z"}
//
// "capture" is the version of the format, "port" the device as it was opened,
// "baud" its speed in bits per second, "protocol" how the bytes were read, spelled
// as on the command line, and "started" the time that the chunks count from,
// RFC 3339, UTC. Every further line is one chunk, the bytes that one read of the
// line gave:
//
//	{"t_ms":1520,"hex":"02493131303031313030310d03"}
//
// "t_ms" is when they were read, in whole milliseconds after "started", never less
// than in the line before; "hex" are the bytes, two hexadecimal digits each. A
// reader passes over fields that it does not know and over empty lines. A file
// that ends in mid-line was cut off: everything before that line is good.
package capture
