// Package memory sets Go's garbage collector to what the gateway does at the time: in step
// with the load while it runs, and with what is free given back to the system in quiet
// times. An environment that sets GOGC is obeyed.
//
// A constant in its place was measured, on two busy cores with Go 1.26. What is resident
// at rest with 1,000 units and a day of fixes, as the row "memory" of `make bench` has
// it, and the most that was resident and the processor time while a journal of 236,000
// entries is folded from its beginning (TestRecovery):
//
//	                             at rest   folding
//	Tune                           78 MB   184 MB  3.0 s (GOGC=100 until it is folded)
//	GOGC=100                      121 MB   184 MB  3.0 s
//	GOGC=30                       101 MB   141 MB  3.8 s
//	GOGC=30 GOMEMLIMIT=64MiB       93 MB   not measured
//
// Beside a constant a gateway at rest would hold 15 MB more at least: Tune stays. To
// collect more seldom while a journal is folded was measured too (397 MB, 2.9 s), and is
// not done: it doubles the peak and saves next to nothing.
//
// Stage: tool; the daemon and rebuild run it.
package memory
