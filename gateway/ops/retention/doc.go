// Package retention forgets what need not be kept any longer: fixes and other points
// of the series, thinned first and then removed, who called, and in the journal the
// places of fixes that no incident needs. Milestones and intervals stay for ever, and so
// does everything else in the journal.
//
// Flow: it stands beside it: the series is thinned, and callers are erased by acts.
package retention
