// Package kenwood reads what Kenwood FleetSync, NEXEDGE and dPMR base stations
// print on their serial port: caller ids, status keys, positions and the answers
// to commands. It is pure: bytes → frames → reports.
//
// Source: "PC Interface Protocol" version 1 and the $PK sentences, as
// firmware-notes/protocols.md section 1 has them. Frames between STX and ETX carry no
// checksum, so their grammar is read exactly; sentences carry one and it must match.
//
// Stage: bytes → **kenwood** → report.
package kenwood
