// Package atomicfile puts a file in the place of another one: whoever reads meanwhile has
// the old one or the new one, whole, and so has everybody after a loss of power.
//
// Flow: it stands beside it, for lists of users, outputs and kept state.
package atomicfile
