package devices

import "strings"

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
