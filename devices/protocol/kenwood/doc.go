// Package kenwood reads what Kenwood FleetSync, NEXEDGE and dPMR base stations
// print on their serial port: caller ids, status keys, positions and the answers
// to commands. It is pure: bytes → frames → reports.
//
// Source: "PC Interface Protocol" version 1 and the $PK sentences as described in
// shared/protocols.md section 1. Frames between STX and ETX carry no checksum, so
// their grammar is read exactly; sentences carry one and it must match.
//
// Flow: bytes → frame → report; kenwood is both arrows for Kenwood's radios.
package kenwood
