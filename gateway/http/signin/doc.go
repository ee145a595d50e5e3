// Package signin knows who may do what over HTTP: users and their roles, the
// sessions that their browsers hold, and how often somebody may guess.
//
// Flow: it stands beside it, in front of the API; nothing here touches reports.
package signin
