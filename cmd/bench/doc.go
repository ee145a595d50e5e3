// Command bench measures the gateway beside what people use today, on one machine
// and in one run, and writes the figures into a folder.
//
// Every row of its table is a benchmark in the tree that stands beside its subject,
// starts a pair of contestants, ours and then the other, and reports the metrics
// "ours" and "theirs". The command runs each a number of times, so that the runs go
// A B A B, and tells medians and how far the ratios lay apart. It is `make bench`.
//
// Flow: beside it; bench measures it from outside and hands nothing on.
package main
