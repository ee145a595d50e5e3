// Package ax25 takes AX.25 frames apart and puts UI frames together (AX.25 Link
// Access Protocol 2.2, section 3). The frame check sequence is not part of what a
// KISS TNC delivers.
//
// Flow: bytes → frame → report; ax25 stands inside the first arrow, between kiss
// and aprs.
package ax25
