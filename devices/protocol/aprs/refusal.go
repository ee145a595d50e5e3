package aprs

import "fmt"

// refusal is a reason with what it is about. It is put into words when it is read: most
// refusals are only counted.
type refusal struct {
	why        error
	what, part string
}

func refuse[text ~string | ~[]byte](why error, what string, part text) error {
	return &refusal{why, what, string(part)}
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%v: %s %q", r.why, r.what, r.part)
}

func (r *refusal) Unwrap() error { return r.why }
