// Package desk turns what dispatchers, call takers and CADs ask for into acts in
// the journal. It checks them against the present state; an act has its effect
// only by being folded, like everything else.
//
// Flow: request → act → journal; desk stands where link stands for radios.
package desk
