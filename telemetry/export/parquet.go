package export

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/parquet-go/parquet-go"
)

// rowsInGroup bounds the memory of a Parquet file under way: a row group is held
// until it is whole.
const rowsInGroup = 50_000

// parquetWriter writes Apache Parquet: times as timestamps in nanoseconds, UTC;
// documents as JSON.
type parquetWriter struct {
	out  *parquet.GenericWriter[any]
	cols []column
	one  []parquet.Row
}

func newParquet(out io.Writer, w What) *parquetWriter {
	cols := columns(w)
	return &parquetWriter{
		out: parquet.NewGenericWriter[any](out, parquet.NewSchema(string(w), newOrdered(cols)), parquet.MaxRowsPerRowGroup(rowsInGroup),
			parquet.Compression(&parquet.Snappy), parquet.CreatedBy("htgateway", "", "")),
		cols: cols, one: []parquet.Row{make(parquet.Row, len(cols))},
	}
}

// ordered is a group whose columns keep their order; the library sorts them.
type ordered struct {
	parquet.Group
	cols []column
}

func newOrdered(cols []column) ordered {
	o := ordered{parquet.Group{}, cols}
	for _, c := range cols {
		var n parquet.Node
		switch c.kind {
		case words:
			n = parquet.String()
		case number:
			n = parquet.Leaf(parquet.DoubleType)
		case whole:
			n = parquet.Int(64)
		case truth:
			n = parquet.Leaf(parquet.BooleanType)
		case moment:
			n = parquet.Timestamp(parquet.Nanosecond)
		case document:
			n = parquet.JSON()
		}
		if !c.always {
			n = parquet.Optional(n)
		}
		o.Group[c.name] = n
	}
	return o
}

// Fields returns the columns in their order.
func (o ordered) Fields() []parquet.Field {
	named := map[string]parquet.Field{}
	for _, f := range o.Group.Fields() {
		named[f.Name()] = f
	}
	out := make([]parquet.Field, len(o.cols))
	for i, c := range o.cols {
		out[i] = named[c.name]
	}
	return out
}

func (w *parquetWriter) row(r Row) error {
	for i, v := range r {
		value := parquet.NullValue()
		switch v := v.(type) {
		case string:
			value = parquet.ByteArrayValue([]byte(v))
		case float64:
			value = parquet.DoubleValue(v)
		case int64:
			value = parquet.Int64Value(v)
		case bool:
			value = parquet.BooleanValue(v)
		case time.Time:
			value = parquet.Int64Value(v.UnixNano())
		case json.RawMessage:
			value = parquet.ByteArrayValue(v)
		}
		present := 0
		switch {
		case v != nil && !w.cols[i].always:
			present = 1
		case v == nil && w.cols[i].always:
			return fmt.Errorf("a row has no %s", w.cols[i].name)
		}
		w.one[0][i] = value.Level(0, present, i)
	}
	_, err := w.out.WriteRows(w.one)
	return err
}

func (w *parquetWriter) end() error { return w.out.Close() }
