// Package jsonobject writes JSON objects field by field, as encoding/json would write
// a struct: for the two kinds of which the gateway writes one for each report (the
// report itself and the update of a fix), where looking at every field by reflection
// costs more than all the rest of an encoding.
//
// Flow: it stands before reports; what is bytes → frame → report → journal is written
// with it.
package jsonobject
