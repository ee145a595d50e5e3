// Package importer makes a journal out of the lines that an export of one gives: for
// moving a site, for disputes and for tests. What is half imported has no journal's
// name, so that whatever cuts it off leaves none.
//
// Stage: tool; exported lines → journal.
package importer
