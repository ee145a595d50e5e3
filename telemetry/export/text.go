package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"htgateway/telemetry"
)

// csvWriter writes RFC 4180 with a header line.
type csvWriter struct {
	out   *csv.Writer
	cols  []column
	cells []string
	begun bool
}

func newCSV(out *bufio.Writer, cols []column) *csvWriter {
	return &csvWriter{out: csv.NewWriter(out), cols: cols, cells: make([]string, len(cols))}
}

func (w *csvWriter) header() error {
	if w.begun {
		return nil
	}
	w.begun = true
	for i, c := range w.cols {
		w.cells[i] = c.name
	}
	return w.out.Write(w.cells)
}

func (w *csvWriter) row(r Row) error {
	if err := w.header(); err != nil {
		return err
	}
	for i, v := range r {
		w.cells[i] = cell(v)
	}
	return w.out.Write(w.cells)
}

func (w *csvWriter) end() error {
	if err := w.header(); err != nil {
		return err
	}
	w.out.Flush()
	return w.out.Error()
}

func cell(v any) string {
	switch v := v.(type) {
	case string:
		return telemetry.CellText(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case json.RawMessage:
		return string(v) // begins with a brace
	}
	return ""
}

// jsonlWriter writes one object a line, without what is absent.
type jsonlWriter struct {
	out  *bufio.Writer
	cols []column
	line []byte
}

func newJSONL(out *bufio.Writer, cols []column) *jsonlWriter {
	return &jsonlWriter{out: out, cols: cols}
}

func (w *jsonlWriter) row(r Row) error {
	w.line = append(w.line[:0], '{')
	for i, v := range r {
		if v == nil {
			continue
		}
		if len(w.line) > 1 {
			w.line = append(w.line, ',')
		}
		w.line = append(strconv.AppendQuote(w.line, w.cols[i].name), ':') // plain ASCII
		value, err := json.Marshal(v)                                     // compacts a document
		if err != nil {
			return fmt.Errorf("cannot encode %s: %w", w.cols[i].name, err)
		}
		w.line = append(w.line, value...)
	}
	w.line = append(w.line, '}', '\n')
	_, err := w.out.Write(w.line)
	return err
}

func (w *jsonlWriter) end() error { return nil }
