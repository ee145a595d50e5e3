// Package journaltest is the one test that every journal must pass.
//
// Flow: … → report → journal → tracker → …; it is for tests only, and stands on both
// sides of the journal.
package journaltest
