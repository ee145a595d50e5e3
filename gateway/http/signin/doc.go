// Package signin knows who may do what over HTTP: the rights of each role, and the
// sessions that browsers hold. Passwords are package account's.
//
// Stage: tool; api asks it who is there.
package signin
