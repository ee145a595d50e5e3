package fold

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"htgateway/gateway/journal"
)

// Updates are numbered, and folding again gives the same numbers: a fold that had to
// leave out a damaged record, or one that has it back from a backup, would give other
// updates the numbers of old ones. The log's settings hash is therefore followed by the
// entries that its updates were made without: "3f2a…!5!17".
const exclusionMark = "!"

// excludedEntries are the damaged entries that a log's hash lists, in order; false when
// the hash is of other settings.
func excludedEntries(hash, settings string) ([]uint64, bool) {
	rest, is := strings.CutPrefix(hash, settings)
	if !is || rest == "" {
		return nil, is
	}
	parts := strings.Split(rest, exclusionMark)
	if parts[0] != "" {
		return nil, false
	}
	var out []uint64
	for _, p := range parts[1:] {
		n, err := strconv.ParseUint(p, 10, 64)
		if err != nil {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// hashWithout is the hash of settings, followed by the entries that are left out.
func hashWithout(settings string, entries []uint64) string {
	for _, n := range entries {
		settings += exclusionMark + strconv.FormatUint(n, 10)
	}
	return settings
}

// ErrBeginAgain is wrapped when the log's updates are not those of the journal as it is
// now. Whoever follows the log has to end, and [Fold.BeginAgain] empties it.
var ErrBeginAgain = errors.New("the journal is to be folded from its beginning")

// checkDamaged compares the damaged entries of a batch with those that the log was made without.
// Errors: [ErrBeginAgain].
func (f *Fold) checkDamaged(b *batch) error {
	hash := f.updates.SettingsHash()
	if len(b.damaged) == 0 && !strings.Contains(hash, exclusionMark) {
		return nil
	}
	settings, err := f.settingsHash()
	if err != nil {
		return err
	}
	known, is := excludedEntries(hash, settings)
	if !is {
		return fmt.Errorf("the log of updates is of other settings (%s) than the fold (%s)", hash, settings)
	}
	var here, all []uint64
	for _, n := range known {
		if n >= b.first && n <= b.last {
			here = append(here, n)
		} else {
			all = append(all, n)
		}
	}
	if slices.Equal(here, b.damaged) {
		return nil
	}
	all = append(all, b.damaged...)
	slices.Sort(all)
	f.log.Error("the journal has other damaged records than when it was folded before: everything is counted anew without them", "entries", all, "before", known)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resetHash = hashWithout(settings, all)
	return fmt.Errorf("%w: its damaged records are %v, and were %v", ErrBeginAgain, all, known)
}

// resetLog empties the log when a fold found that it needs another hash.
func (f *Fold) resetLog(ctx context.Context) error {
	f.mu.Lock()
	hash := f.resetHash
	f.resetHash = ""
	f.mu.Unlock()
	if hash == "" {
		return nil
	}
	return f.updates.Reset(ctx, hash)
}

// damagedAmong are the numbers of the entries that were handed over as damaged.
func damagedAmong(entries []journal.Entry) (out []uint64) {
	for _, e := range entries {
		if e.Kind == journal.KindDamaged {
			out = append(out, e.Seq)
		}
	}
	return out
}
