package erasure

import (
	"encoding/json"
	"strings"
)

// withoutIn edits a text, and the texts that stand in it as JSON writes them, however deep
// and whether the whole is JSON or only the beginning of some; and as the line protocol of
// time series writes them.
func withoutIn(text string, edit func(string) string) string {
	text = edit(text)
	if strings.Contains(text, `\ `) { // a tag of the line protocol
		if plain := strings.ReplaceAll(text, `\ `, " "); edit(plain) != plain {
			text = strings.ReplaceAll(edit(plain), " ", `\ `)
		}
	}
	if !strings.Contains(text, `"`) || !strings.Contains(text, `\`) {
		return text
	}
	var out strings.Builder
	for {
		from := strings.IndexByte(text, '"')
		if from < 0 {
			break
		}
		to := endOfLiteral(text, from+1)
		out.WriteString(text[:from])
		literal := text[from:to]
		text = text[to:]
		out.WriteString(withoutInLiteral(literal, edit))
	}
	out.WriteString(text)
	return out.String()
}

// endOfLiteral is where a string of JSON ends that begins before a place.
func endOfLiteral(text string, at int) int {
	for ; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(text)
}

// withoutInLiteral edits a string of JSON, also one whose end is cut off.
func withoutInLiteral(literal string, edit func(string) string) string {
	if !strings.Contains(literal, `\`) {
		return literal // it was edited as it stands
	}
	whole := literal
	if len(literal) < 2 || !strings.HasSuffix(literal, `"`) {
		whole = strings.TrimRight(literal, `\`) + `"`
	}
	var said string
	if json.Unmarshal([]byte(whole), &said) != nil {
		return literal
	}
	clean := withoutIn(said, edit)
	if clean == said {
		return literal
	}
	out, err := json.Marshal(clean)
	if err != nil {
		return literal
	}
	return string(out)
}
