// Package report writes response-time figures for people and for other
// programs: a table for a terminal, CSV, JSON, and one HTML file that prints.
// Whatever judges the whole flow says which reading of "1.47 Jam" it used.
//
// Stage: analysis → **report** → terminal, file, page.
package report
