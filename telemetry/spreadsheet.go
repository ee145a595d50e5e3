package telemetry

import "strings"

// CellText keeps a spreadsheet from taking text for a formula, by an apostrophe
// before it: names and messages come from devices and other systems. A tab or a
// carriage return at the start is taken for the end of the cell before it by some.
func CellText(text string) string {
	first := strings.TrimLeft(text, " \t\r\n")
	if first != "" && strings.ContainsRune("=+-@", rune(first[0])) || strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") {
		return "'" + text
	}
	return text
}
