// Package geo holds what is true of places on the ground whoever reports
// them: fixes, distance, the judgement that a unit has arrived, and the
// gazetteer. It is pure: no I/O, no clock of its own, and it knows nothing of
// devices or incidents.
//
// Every point is longitude first ([orb.Point]), WGS 84 degrees, and is checked before any
// geometry is done with it: orb takes a point that is not a number to be inside of every
// ring. Distances and areas are of a county's size.
//
// Stage: tool; decoders check points with it, and the tracker judges arrivals.
package geo
