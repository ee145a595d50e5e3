// Package retention removes what need not be kept any longer: fixes and other points of
// the series (thinned first), who called, and in the journal the places of fixes that no
// incident needs. Milestones, intervals and everything else in the journal stay.
//
// Stage: tool; it thins the series, and forgets callers by acts.
package retention
