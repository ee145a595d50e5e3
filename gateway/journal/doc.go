// Package journal is the durable, ordered record of everything that came in, and the only
// source of truth: tracker, updates, series and page are computed from it and can be
// thrown away.
//
// Stage: intake, desk → **journal** → tracker.
package journal
