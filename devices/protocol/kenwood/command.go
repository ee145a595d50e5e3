package kenwood

import (
	"errors"
	"fmt"
	"strings"

	"htgateway/devices"
)

// The most characters that a short and a long text take (firmware-notes/protocols.md
// section 1).
const (
	maxShortText = 48
	maxLongText  = 1024
)

// Reasons for refusing to compose a command.
var (
	ErrAddressee = errors.New("kenwood: no such addressee")
	ErrText      = errors.New("kenwood: text empty or too long")
)

// Text is the command that shows a text on a unit's display. Letters that the
// radios do not have become question marks. The base station answers with a frame
// of kind "ack". Errors: [ErrAddressee], [ErrText].
func Text(to devices.Identity, text string) ([]byte, error) {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, strings.TrimSpace(text))
	letter := "F"
	if len(plain) > maxShortText {
		letter = "G"
	}
	if plain == "" || len(plain) > maxLongText {
		return nil, fmt.Errorf("%w: %d characters", ErrText, len(plain))
	}
	return command(letter, to, plain)
}

// Poll is the command that asks a unit for its position. The base station answers
// with a frame of kind "ack", the unit with its position. Errors: [ErrAddressee].
func Poll(to devices.Identity) ([]byte, error) { return command("R3", to, "") }

func command(letters string, to devices.Identity, rest string) ([]byte, error) {
	family, id, _ := strings.Cut(string(to), ":")
	switch family {
	case "fleetsync":
		plain := strings.ReplaceAll(id, "-", "")
		if len(plain) != 7 || !digits([]byte(plain)) {
			return nil, fmt.Errorf("%w: %q", ErrAddressee, to)
		}
		return []byte("\x02" + letters + plain + rest + "\x03"), nil
	case "nexedge":
		if len(id) != 5 || !digits([]byte(id)) {
			return nil, fmt.Errorf("%w: %q", ErrAddressee, to)
		}
		return []byte("\x02g" + letters + "U" + id + rest + "\x03"), nil
	}
	return nil, fmt.Errorf("%w: %q", ErrAddressee, to)
}
