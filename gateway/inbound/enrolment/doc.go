// Package enrolment knows which device speaks for which unit: the units file, and on top
// of it the acts in the journal by which dispatchers make units, bind devices and release
// them. It also keeps the tokens and passwords that it gave to devices, as hashes.
//
// Stage: journal → **enrolment** → roster → tracker.
package enrolment
