// Package places is the gazetteer: it finds a village or a sub-district
// (kecamatan) by name, and tells in which sub-district a point lies. It is pure.
//
// Where the file has villages as points only, a point belongs to the sub-district of
// the nearest village: approximate near a border.
//
// Stage: tool; desk finds addresses and names the sub-district with it.
package places
