// Package signin knows who may do what over HTTP: users and their roles, the
// sessions that their browsers hold, and how often somebody may guess.
//
// Stage: tool; api asks it who is there.
package signin
