package sqlite

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"htgateway/telemetry"
)

// encode writes fields as a JSON object in which a float differs from an integer
// by its point or exponent.
func encode(fields []telemetry.Field) string {
	b := make([]byte, 0, 32*len(fields))
	b = append(b, '{')
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, f.Key)
		b = append(b, ':')
		switch v := f.Value.(type) {
		case float64:
			b = appendFloat(b, v)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case bool:
			b = strconv.AppendBool(b, v)
		case string:
			b = appendText(b, v)
		}
	}
	return string(append(b, '}'))
}

func appendFloat(b []byte, v float64) []byte {
	from := len(b)
	b = strconv.AppendFloat(b, v, 'g', -1, 64)
	if !strings.ContainsAny(string(b[from:]), ".e") {
		b = append(b, '.', '0')
	}
	return b
}

// appendText writes a JSON string; the plain ones, nearly all, without a detour.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f || s[i] == '"' || s[i] == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				// A string always marshals; this keeps the object whole if not.
				quoted = []byte(`""`)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// decode reads what encode wrote, in its order.
func decode(text string) ([]telemetry.Field, error) {
	if out, plain := decodePlain(text); plain {
		return out, nil
	}
	return decodeAny(text)
}

// decodePlain reads an object in which nothing is escaped, nested or spaced, as
// nearly all are, without the detour of a JSON decoder.
func decodePlain(text string) (out []telemetry.Field, plain bool) {
	if strings.IndexByte(text, '\\') >= 0 || len(text) < 2 || text[0] != '{' || text[len(text)-1] != '}' {
		return nil, false
	}
	rest := text[1 : len(text)-1]
	out = make([]telemetry.Field, 0, strings.Count(rest, ":"))
	for rest != "" {
		var f telemetry.Field
		if rest[0] != '"' {
			return nil, false
		}
		end := strings.IndexByte(rest[1:], '"') + 1
		if end == 0 || end+2 >= len(rest) || rest[end+1] != ':' {
			return nil, false
		}
		f.Key, rest = rest[1:end], rest[end+2:]
		var value string
		if rest[0] == '"' {
			if end = strings.IndexByte(rest[1:], '"') + 1; end == 0 {
				return nil, false
			}
			f.Value, rest = rest[1:end], rest[end+1:]
			if rest != "" && rest[0] != ',' {
				return nil, false
			}
			rest = strings.TrimPrefix(rest, ",")
			out = append(out, f)
			continue
		}
		value, rest, _ = strings.Cut(rest, ",")
		switch value {
		case "true":
			f.Value = true
		case "false":
			f.Value = false
		default:
			var err error
			if f.Value, err = number(value); err != nil {
				return nil, false
			}
		}
		out = append(out, f)
	}
	return out, true
}

// decodeAny reads any object of numbers, booleans and texts.
func decodeAny(text string) ([]telemetry.Field, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("fields are no object: %q: %w", text, err)
	}
	var out []telemetry.Field
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("cannot read fields %q: %w", text, err)
		}
		value, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("cannot read fields %q: %w", text, err)
		}
		name, _ := key.(string)
		f := telemetry.Field{Key: name, Value: value}
		if n, is := value.(json.Number); is {
			if f.Value, err = number(n.String()); err != nil {
				return nil, fmt.Errorf("cannot read field %q: %w", name, err)
			}
		}
		out = append(out, f)
	}
	return out, nil
}

func number(s string) (any, error) {
	if strings.ContainsAny(s, ".eE") {
		return strconv.ParseFloat(s, 64)
	}
	return strconv.ParseInt(s, 10, 64)
}

func decodeTags(text string) ([]telemetry.Tag, error) {
	var pairs [][2]string
	if err := json.Unmarshal([]byte(text), &pairs); err != nil {
		return nil, fmt.Errorf("cannot read tags %q: %w", text, err)
	}
	out := make([]telemetry.Tag, len(pairs))
	for i, p := range pairs {
		out[i] = telemetry.Tag{Key: p[0], Value: p[1]}
	}
	return out, nil
}
