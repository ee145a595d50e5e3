// Package memory sets Go's garbage collector to what the gateway does at the time: seldom
// while a long journal is folded, in step with the load while it runs, and with what is
// free given back to the system in quiet times. An environment that sets GOGC is obeyed.
//
// Stage: tool; the daemon and rebuild run it.
package memory
