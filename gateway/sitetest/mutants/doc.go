// Package mutants breaks rules on purpose, one by one, and asks whether a test notices:
// of the tracker with its scenario book, and of what stands before and behind it.
//
// Stage: tool; it breaks any stage for its tests.
package mutants
