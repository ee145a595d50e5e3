package aprs

import (
	"errors"
	"fmt"
	"strings"
)

// maxMessage is the most characters of a message's text (APRS101 chapter 14).
const maxMessage = 67

// ErrText is a message that cannot be sent as it is.
var ErrText = errors.New("aprs: text empty, too long, or with a bar, tilde or brace")

// Message is the information field of a message with a number of one to five
// letters or digits, which its acknowledgement will repeat; without a number none
// will come. Errors: [ErrText], [ErrCall].
func Message(to, text, number string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxMessage || strings.ContainsAny(text, "|~{") || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, fmt.Errorf("%w: %q", ErrText, text)
	}
	if !isCall([]byte(to)) {
		return nil, fmt.Errorf("%w: %q", ErrCall, to)
	}
	info := fmt.Appendf(nil, ":%-9s:%s", to, text)
	if number != "" {
		info = append(append(info, '{'), number...)
	}
	return info, nil
}

// Acknowledge is the information field that acknowledges a message by its number.
// Errors: [ErrCall].
func Acknowledge(to, number string) ([]byte, error) {
	if !isCall([]byte(to)) || !isAlphanumeric([]byte(number)) || len(number) > 5 {
		return nil, fmt.Errorf("%w: %q, number %q", ErrCall, to, number)
	}
	return fmt.Appendf(nil, ":%-9s:ack%s", to, number), nil
}
