// Package aprs reads APRS packets (APRS Protocol Reference 1.0.1, with the
// addenda that are on the air: !DAO!, reply-acks, altitude in Mic-E) into
// reports. It takes them as TNC2 text and, through package kiss, as AX.25
// frames; it does no I/O. Where the reference is silent it reads as Ham::APRS::FAP 1.21
// does, which is the oracle of its tests. Source: firmware-notes/protocols.md section 2.
//
// Stage: frame → **aprs** → report.
package aprs
