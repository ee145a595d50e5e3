package influx

import (
	"strconv"
	"strings"

	"htgateway/telemetry"
)

// Escapes of the line protocol. The client's own encoder writes a line feed in
// a string as the two characters backslash and n, which nobody turns back; in
// quotes the protocol takes it as it is.
// https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
var (
	nameEscapes = strings.NewReplacer(",", `\,`, " ", `\ `)
	keyEscapes  = strings.NewReplacer(",", `\,`, "=", `\=`, " ", `\ `)
	textEscapes = strings.NewReplacer(`"`, `\"`, `\`, `\\`)
)

// appendLine writes a point that has passed its check as one line, with the line
// feed that ends it.
func appendLine(b []byte, p telemetry.Point) []byte {
	b = appendEscaped(b, p.Measurement, ", ", nameEscapes)
	for _, t := range p.Tags {
		b = append(b, ',')
		b = appendEscaped(b, t.Key, ",= ", keyEscapes)
		b = append(b, '=')
		b = appendEscaped(b, t.Value, ",= ", keyEscapes)
	}
	for i, f := range p.Fields {
		if i == 0 {
			b = append(b, ' ')
		} else {
			b = append(b, ',')
		}
		b = appendEscaped(b, f.Key, ",= ", keyEscapes)
		b = append(b, '=')
		switch v := f.Value.(type) {
		case float64:
			b = strconv.AppendFloat(b, v, 'g', -1, 64)
		case int64:
			b = append(strconv.AppendInt(b, v, 10), 'i')
		case bool:
			b = strconv.AppendBool(b, v)
		case string:
			b = append(b, '"')
			b = append(appendEscaped(b, v, `"\`, textEscapes), '"')
		}
	}
	b = append(b, ' ')
	b = strconv.AppendInt(b, p.Time.UnixNano(), 10)
	return append(b, '\n')
}

func appendEscaped(b []byte, s, special string, escapes *strings.Replacer) []byte {
	if strings.ContainsAny(s, special) {
		s = escapes.Replace(s)
	}
	return append(b, s...)
}
