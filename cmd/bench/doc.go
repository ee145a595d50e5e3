// Command bench measures the gateway beside what people use today, on one machine
// and in one run, and writes the figures into a folder.
//
// Every row of its table is a benchmark in the tree that stands beside its subject,
// starts a pair of contestants, ours and then the other, and reports the metrics
// "ours" and "theirs". The command runs each a number of times in turn (A B A B) and
// writes the medians and how far the ratios lay apart. It is `make bench`.
//
// Stage: tool; it measures the gateway from outside.
package main
