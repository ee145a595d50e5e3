package devices

import (
	"errors"
	"fmt"
)

// MaxDepth is how deep a payload's JSON may be nested. No device's payload needs
// more than five levels.
const MaxDepth = 32

// ErrTooDeep is returned for JSON that is nested deeper than [MaxDepth].
var ErrTooDeep = errors.New("JSON is nested too deeply")

// CheckDepth refuses JSON that is nested deeper than [MaxDepth], before a parser
// spends memory on it. It looks at brackets only; whether the rest is JSON is for
// the parser to say.
func CheckDepth(b []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted:
			switch c {
			case '\\':
				i++
			case '"':
				quoted = false
			}
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return fmt.Errorf("%w: over %d levels", ErrTooDeep, MaxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
