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
// updates the numbers of old ones. The log's generation therefore names the entries that
// its updates were made without, after the settings: "3f2a…!5!17".
const without = "!"

// leftOut are the damaged entries that a generation names, in order; false when it is of
// other settings.
func leftOut(generation, settings string) ([]uint64, bool) {
	rest, is := strings.CutPrefix(generation, settings)
	if !is || rest == "" {
		return nil, is
	}
	parts := strings.Split(rest, without)
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

// generationWithout names settings and entries that are left out.
func generationWithout(settings string, entries []uint64) string {
	for _, n := range entries {
		settings += without + strconv.FormatUint(n, 10)
	}
	return settings
}

// ErrBeginAgain is wrapped when the log's updates are not those of the journal as it is
// now. Whoever follows the log has to end, and [Fold.Regroup] empties it.
var ErrBeginAgain = errors.New("the journal is to be folded from its beginning")

// heed compares the damaged entries of a batch with those that the log was made without.
// Errors: [ErrBeginAgain].
func (f *Fold) heed(b *batch) error {
	generation := f.updates.Generation()
	if len(b.damaged) == 0 && !strings.Contains(generation, without) {
		return nil
	}
	settings, err := f.named()
	if err != nil {
		return err
	}
	known, is := leftOut(generation, settings)
	if !is {
		return fmt.Errorf("the log of updates is of other settings (%s) than the fold (%s)", generation, settings)
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
	f.anew = generationWithout(settings, all)
	return fmt.Errorf("%w: its damaged records are %v, and were %v", ErrBeginAgain, all, known)
}

// emptyLog empties the log for the generation that a fold found to be the right one.
func (f *Fold) emptyLog(ctx context.Context) error {
	f.mu.Lock()
	anew := f.anew
	f.anew = ""
	f.mu.Unlock()
	if anew == "" {
		return nil
	}
	return f.updates.Reset(ctx, anew)
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
