// Package roster says which device spoke for which unit at which time: the units from a
// journal's beginning, and the enrolments since. It is a pure fold; the same set of enrolments
// in any order gives the same roster.
//
// Stage: journal → enrolment → **roster** → tracker.
package roster
