// Package datadir is a gateway's data folder: which files are in it, what each is called,
// and how it is opened, to write by the daemon and to read by the commands that may run
// beside it. No other package spells these names.
//
// Stage: tool; the daemon and the commands open the files of the data folder with it.
package datadir
