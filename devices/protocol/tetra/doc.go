// Package tetra reads what a TETRA radio prints on its peripheral equipment
// interface (PEI): short data messages with status keys, positions and texts,
// and the answers to AT commands. It also encodes the commands that a gateway
// sends. It is pure: bytes → frames → reports.
//
// Source: firmware-notes/protocols.md section 3; ETSI EN 300 392-5 (PEI: +CTSDSR, +CMGS),
// EN 300 392-2 clause 29 (SDS-TL, text coding) and TS 100 392-18-1 (LIP), the
// last two as public decoders agree on them. A frame carries no checksum, so its
// grammar and its announced length must both be right.
//
// Stage: bytes → **tetra** → report.
package tetra
