// Package ax25 takes AX.25 frames apart and puts UI frames together (AX.25 Link
// Access Protocol 2.2, section 3). The frame check sequence is not part of what a
// KISS TNC delivers. Source: firmware-notes/protocols.md section 2.
//
// Stage: kiss → **ax25** → aprs.
package ax25
