// Package measures tests how long things take and how much memory they need, beside what
// people use today.
//
// Stage: tool
package measures
