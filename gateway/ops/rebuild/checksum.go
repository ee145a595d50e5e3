package rebuild

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"htgateway/gateway/state/updatelog"
	"htgateway/telemetry"
)

// Checksums name the content of the folds of a journal, whatever the order of rows.
// An empty one could not be read.
type Checksums struct{ Updates, Series string }

// checksum adds up the digests of rows, so that their order does not matter.
type checksum [4]uint64

func (s *checksum) add(row []byte) {
	d := sha256.Sum256(row)
	for i := range s {
		s[i] += binary.BigEndian.Uint64(d[8*i:])
	}
}

func (s *checksum) String() string {
	var b []byte
	for _, n := range s {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return hex.EncodeToString(b[:16])
}

func sumUpdates(ctx context.Context, l *updatelog.Log) (string, error) {
	var s checksum
	for after := uint64(0); ; {
		updates, err := l.Read(ctx, after, 1000)
		if err != nil {
			return "", err
		}
		if len(updates) == 0 {
			return s.String(), nil
		}
		for _, u := range updates {
			row, err := json.Marshal(u)
			if err != nil {
				return "", fmt.Errorf("cannot encode update %d: %w", u.Seq, err)
			}
			s.add(row)
			after = u.Seq
		}
	}
}

func sumSeries(ctx context.Context, store telemetry.Store) (string, error) {
	var s checksum
	for _, m := range telemetry.Measurements() {
		if m == telemetry.LinkHealth {
			continue // no fold of the journal
		}
		for p, err := range store.Points(ctx, telemetry.Query{Measurement: m, Superseded: true}) {
			if err != nil {
				return "", err
			}
			slices.SortFunc(p.Fields, func(a, b telemetry.Field) int { return strings.Compare(a.Key, b.Key) })
			s.add(fmt.Appendf(nil, "%s\x00%q", p.Identity(), fmt.Sprint(p.Fields)))
		}
	}
	return s.String(), nil
}

// sumIfReadable is empty for a series that cannot be read to its end.
func sumIfReadable(ctx context.Context, store telemetry.Store) string {
	s, err := sumSeries(ctx, store)
	if err != nil {
		return ""
	}
	return s
}
