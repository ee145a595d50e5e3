// Package kiss cuts the bytes of a KISS TNC (Chepponis and Karn, "The KISS TNC",
// 1987) into frames and reads the APRS packets in them.
//
// Stage: bytes → **kiss** → ax25 → aprs → report.
package kiss
