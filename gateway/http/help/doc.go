// Package help is what each of the three users is told, served by the gateway itself
// so that it is there without a network: the field team's card to print and laminate,
// and a page each for dispatchers and analysts, Indonesian first.
//
// Flow: beside it; the pages hold no data and need no sign-in.
package help
