// Package kiss cuts the bytes of a KISS TNC (Chepponis and Karn, "The KISS TNC",
// 1987) into frames and reads the APRS packets in them.
//
// Flow: bytes → frame → report; kiss is the first arrow for TNCs on serial ports
// and for software TNCs over TCP.
package kiss
