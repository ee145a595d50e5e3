// Package newest keeps the newest entries of a numbered sequence in memory, so that a
// reader that follows closely does not read them back from the file.
//
// Stage: tool; journal and update log serve their followers from it.
package newest
