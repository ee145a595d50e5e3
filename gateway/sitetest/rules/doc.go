// Package rules tests the rules of the repository: who may import whom, what is
// documented, what lists and pages claim.
//
// Stage: tool
package rules
