// Package nmea reads NMEA 0183 sentences: a receiver's own RMC, GGA and GLL, and
// Kenwood's $PKWDWPL waypoints, in which an APRS radio passes on the stations
// that it hears. It is pure: bytes → frames → reports.
//
// Source: NMEA 0183 as described in firmware-notes/protocols.md section 4.
//
// Stage: bytes → **nmea** → report.
package nmea
