// Package atomicfile replaces a file: a reader sees the whole old one or the whole new
// one, also after a loss of power.
//
// Stage: tool; lists of users, outputs and checkpoints are written with it.
package atomicfile
