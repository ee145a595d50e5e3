package devices

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes text that every reader can take: valid UTF-8 without control
// characters other than those of keep, without space around it, of at most n
// characters. A canned message may carry a bell.
func Printable(s string, n int, keep string) string {
	s = strings.Map(func(c rune) rune {
		if (c < ' ' || c == 0x7f) && !strings.ContainsRune(keep, c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.TrimSpace(s)
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// maxName is the longest name of a user or a device in a topic, in bytes.
const maxName = 128

// IsName tells whether a part of a topic can name a user or a device: by HTTP and at
// other people's brokers anything can be written there, line breaks too.
func IsName(s string) bool {
	return s != "" && len(s) <= maxName && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
