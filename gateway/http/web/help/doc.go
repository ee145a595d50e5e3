// Package help holds the instructions for the three users, Indonesian first: the field
// team's card to print and laminate, and a page each for dispatchers and analysts. The
// gateway serves them itself, so that they are there without a network.
//
// Stage: tool; the pages hold no data and need no sign-in.
package help
