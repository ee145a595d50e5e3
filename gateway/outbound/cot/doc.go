// Package cot sends units, incidents and emergencies as Cursor on Target events, so that
// teams with ATAK, iTAK or WinTAK see the same picture: XML over UDP, one event a
// datagram, or over a TCP connection, one event after the other.
//
// A unit is "a-f-G-U-C" (friendly, ground, unit, combat in the type's tree: what
// TAK shows as a team member), with the fix's own time as time and start, so that an
// old fix goes stale when its age says so and one that is stale already is not sent.
// An incident is a spot marker ("b-m-p-s-m"), taken off with "t-x-d-d" when it is
// over. An emergency is "b-a-o-tbl" and is sent until a person has acknowledged it,
// then "b-a-o-can"; nothing that a radio says ends it. Speed is in m/s, ce the accuracy
// in metres, 9999999 where unknown (MITRE, Cursor on Target Message Router User's Guide,
// MP090284, event schema 2.0).
//
// Stage: update → **cot** → TAK.
package cot
