package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"htgateway/gateway/journal"
)

// checkLength refuses a file whose end is missing: SQLite reads zeros there, which its
// own check may take for an empty end of a page. A file with a write-ahead log is not to
// be asked: its newest pages may be there still.
// The head is that of SQLite, "Database File Format", section 1.3.
func checkLength(path string) error {
	f, err := os.Open(path) // #nosec G304 -- the journal that the configuration names
	if errors.Is(err, os.ErrNotExist) {
		return nil // it is made
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	var head [100]byte
	if _, err := f.ReadAt(head[:], 0); errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it has %d bytes", journal.ErrDamaged, info.Size())
	} else if err != nil {
		return err
	}
	page := int64(binary.BigEndian.Uint16(head[16:]))
	if page == 1 {
		page = 1 << 16
	}
	pages := int64(binary.BigEndian.Uint32(head[28:]))
	if page < 512 || info.Size()%page != 0 || info.Size() < page*pages {
		return fmt.Errorf("%w: it has %d bytes, not %d pages of %d", journal.ErrDamaged, info.Size(), pages, page)
	}
	return nil
}
