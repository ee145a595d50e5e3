// Package enrolment knows which device speaks for which unit: the units file is
// the base, and what dispatchers make, bind and release are acts in the journal on
// top of it. It also keeps the proofs that it gave out to devices, as hashes.
//
// Flow: bytes → frame → report → journal → tracker → update → sinks; the registry
// is a fold of the journal whose outcome is the tracker's roster.
package enrolment
