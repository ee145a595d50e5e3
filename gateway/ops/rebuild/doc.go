// Package rebuild makes again, from the journal, what is computed of it: the updates and
// the series. It sums up both before and after, so that it can be seen whether what was
// there is what the journal gives.
//
// Stage: tool; journal → tracker → updates → series once more, while the gateway does not run.
package rebuild
