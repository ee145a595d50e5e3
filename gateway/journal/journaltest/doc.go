// Package journaltest is the one test that every journal must pass.
//
// Stage: tool, in tests only.
package journaltest
