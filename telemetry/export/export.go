package export

import (
	"bufio"
	"errors"
	"io"
	"iter"
)

// writer takes rows, each valid until the next, and ends the file.
type writer interface {
	row(Row) error
	end() error
}

// Write writes rows as they come. For [GPX] the rows must come unit by unit. What
// skip returns for an error among the rows ends the writing, unless it is nil.
func Write(out io.Writer, w What, f Format, rows iter.Seq2[Row, error], skip func(error) error) error {
	if err := Check(w, f); err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(out, 64*1024)
	var to writer
	switch f {
	case CSV:
		to = newCSV(buffered, columns(w))
	case JSONL:
		to = newJSONL(buffered, columns(w))
	case Parquet:
		to = newParquet(buffered, w)
	case GeoJSON:
		to = newGeoJSON(buffered, columns(w))
	case GPX:
		to = newGPX(buffered)
	}
	for row, err := range rows {
		if err != nil {
			if err = skip(err); err != nil {
				return err
			}
			continue
		}
		if err := to.row(row); err != nil {
			return err
		}
	}
	return errors.Join(to.end(), buffered.Flush())
}
