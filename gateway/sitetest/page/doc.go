// Package page tests what a dispatcher, an analyst and a person with a phone see and do,
// in a real browser.
//
// Stage: tool
package page
