package incident

import "errors"

// Errors that a request can end in.
var (
	// ErrNotFound: no such incident or unit.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the act makes no sense in the present state.
	ErrConflict = errors.New("not possible now")
	// ErrInvalid: the request itself is wrong.
	ErrInvalid = errors.New("invalid")
	// ErrNotStored: the journal did not take it, or its effect is not known yet. The same
	// request again, with its key, says what became of it.
	ErrNotStored = errors.New("not known to be stored, send it again")
)

// Actor is who asks for an act, and the key by which a repeated request is known as the
// same one; an empty key makes each request its own.
type Actor struct{ By, Key string }
