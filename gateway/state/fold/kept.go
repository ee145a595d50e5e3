package fold

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"htgateway/gateway/incident/tracker"

	"htgateway/devices/atomicfile"
	"htgateway/gateway/journal"
	"htgateway/gateway/state/snapshot"
)

// When the state is kept: at the start, when so many entries were folded; while running,
// after so many and not more often than so, in real time; at the end, when a start would
// else fold more than a few.
const (
	keepEvery     = 50_000
	keepAtMost    = 5 * time.Minute
	keepAtEndFrom = 5000
)

// keptMagic begins the file.
const keptMagic = "htgateway state 2\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// keeping is how the state is kept in a file, so that a start need not fold the whole
// journal. The file is worth nothing of its own: one that fits nothing is left alone
// and the journal folded from its beginning.
type keeping struct {
	path string
	// resumed is the entry from which this fold began, 0 for the journal's beginning.
	resumed uint64

	mu sync.Mutex
	// kept is the entry up to which the file has everything.
	kept uint64
	// forgotten counts the erasures of personal data: a state from before one is not
	// kept any more.
	forgotten int
}

// keptHead says what a file's state belongs to.
type keptHead struct {
	// Program is a hash of the executable: another one may fold otherwise.
	Program    string `json:"program"`
	Shape      string `json:"shape"`
	Generation string `json:"generation"`
	// Entry is the number and EntryID the id of the last journal entry in the state,
	// Update the number of the last update that was made of it.
	Entry   uint64 `json:"entry"`
	EntryID string `json:"entry_id"`
	Update  uint64 `json:"update"`
	// Bytes is how long the state is, Own how much of it, at its front, is the fold's own;
	// the rest is the tracker's.
	Bytes int    `json:"bytes"`
	Own   int    `json:"own"`
	CRC   uint32 `json:"crc32c"`
}

// KeepIn makes the state be kept in a file. It must be called before [Fold.Run].
func (f *Fold) KeepIn(path string) { f.keeping.path = path }

// Forget removes the kept state, and keeps none of what is in memory now: it holds
// personal data that was erased. A later state is made of the journal.
func (f *Fold) Forget() {
	k := &f.keeping
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forgotten++
	k.kept = 0
	if k.path == "" {
		return
	}
	if err := RemoveKept(k.path); err != nil {
		f.log.Error("the kept state still names who was forgotten: remove it", "file", k.path, "reason", err)
	}
}

// RemoveKept removes a kept state, if there is one.
func RemoveKept(path string) error {
	for _, file := range []string{path + half, path} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot remove the kept state: %w", err)
		}
	}
	return nil
}

// takeUp begins with the kept state, where there is one that fits.
func (f *Fold) takeUp(ctx context.Context) {
	if f.keeping.path == "" || f.folded > 0 {
		return
	}
	began := time.Now()
	s, err := f.resume(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		f.log.Info("the journal is folded from its beginning", "reason", err)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state, f.keeping.resumed, f.keeping.kept = s, s.folded, s.folded
	f.log.Info("kept state taken up", "entry", s.folded, "took", time.Since(began).Round(time.Millisecond))
}

// resume reads the kept state.
func (f *Fold) resume(ctx context.Context) (state, error) {
	s := newState(f.settings)
	head, body, err := readKept(f.keeping.path)
	if err != nil {
		return s, err
	}
	if why := f.misfit(ctx, head); why != "" {
		return s, errors.New(why)
	}
	if crc32.Checksum(body, castagnoli) != head.CRC {
		return s, fmt.Errorf("%w: its checksum is another", snapshot.ErrBroken)
	}
	if err := snapshot.Read(body[:head.Own], nil, &s.strange, &s.sent); err != nil {
		return s, err
	}
	s.folded = head.Entry
	return s, s.tracker.Resume(body[head.Own:])
}

// misfit is why a kept state is not the beginning of this journal and this update log,
// as this program folds.
func (f *Fold) misfit(ctx context.Context, head keptHead) string {
	now, err := f.head()
	switch {
	case err != nil:
		return err.Error()
	case head.Program != now.Program || head.Shape != now.Shape:
		return "the state was kept by another version"
	case head.Generation != now.Generation || f.updates.Generation() != now.Generation:
		return "the state was kept under other settings"
	case f.updates.Last() < head.Update:
		return "updates up to the kept state are missing" // a loss of power
	}
	entries, err := f.journal.Read(ctx, head.Entry-1, 1)
	if err != nil {
		return err.Error()
	}
	if len(entries) != 1 || entries[0].Seq != head.Entry || entries[0].ID != head.EntryID {
		return "the state was kept of another journal"
	}
	return ""
}

// head is what this program keeps under these settings.
func (f *Fold) head() (keptHead, error) {
	program, err := thisProgram()
	if err != nil {
		return keptHead{}, err
	}
	shape, err := tracker.Shape()
	if err != nil {
		return keptHead{}, err
	}
	generation, err := f.named()
	if _, is := leftOut(f.updates.Generation(), generation); is {
		generation = f.updates.Generation() // with what it was made without
	}
	return keptHead{Program: program, Shape: shape, Generation: generation}, err
}

var thisProgram = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("cannot name this program: %w", err)
	}
	b, err := os.ReadFile(path) // #nosec G304 -- this program itself
	if err != nil {
		return "", fmt.Errorf("cannot name this program: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16]), nil
})

func readKept(path string) (head keptHead, body []byte, err error) {
	b, err := os.ReadFile(path) // #nosec G304 -- in the data folder that the configuration names
	if err != nil {
		return head, nil, fmt.Errorf("cannot read the kept state: %w", err)
	}
	b, is := bytes.CutPrefix(b, []byte(keptMagic))
	line, body, whole := bytes.Cut(b, []byte("\n"))
	if !is || !whole {
		return head, nil, fmt.Errorf("%w: no kept state", snapshot.ErrBroken)
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return head, nil, fmt.Errorf("%w: %w", snapshot.ErrBroken, err)
	}
	if len(body) != head.Bytes || head.Entry == 0 || head.Own < 0 || head.Own > len(body) {
		return head, nil, fmt.Errorf("%w: %d bytes of %d, %d its own", snapshot.ErrBroken, len(body), head.Bytes, head.Own)
	}
	return head, body, nil
}

// keepNowAndThen keeps the state while the fold runs. It is made beside it, of the
// kept one and of the entries since: folding a key never waits for it.
func (f *Fold) keepNowAndThen(ctx context.Context) error {
	tick := time.NewTicker(keepAtMost)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		f.mu.RLock()
		folded, caughtUp := f.folded, f.folded >= f.until
		f.mu.RUnlock()
		f.keeping.mu.Lock()
		kept := f.keeping.kept
		f.keeping.mu.Unlock()
		if !caughtUp || folded < kept+keepEvery {
			continue
		}
		if err := f.keepUpTo(ctx, folded); err != nil && ctx.Err() == nil {
			f.log.Warn("the state is not kept: the next start folds more of the journal", "reason", err)
		}
	}
}

var errReached = errors.New("fold: reached")

// keepUpTo makes the state as it was after an entry, or a little later, and keeps it.
func (f *Fold) keepUpTo(ctx context.Context, entry uint64) error {
	f.keeping.mu.Lock()
	forgotten := f.keeping.forgotten
	f.keeping.mu.Unlock()
	s, err := f.resume(ctx)
	if err != nil {
		s = newState(f.settings)
	}
	quiet := slog.New(slog.DiscardHandler) // it was told when it was folded
	err = f.journal.Follow(ctx, s.folded, func(entries []journal.Entry) error {
		b := decode(entries, quiet)
		s.apply(b.events, quiet)
		if s.folded = b.last; s.folded >= entry {
			return errReached
		}
		return nil
	})
	if !errors.Is(err, errReached) {
		return fmt.Errorf("cannot make the state to be kept: %w", err)
	}
	if err := f.Wait(ctx, s.folded); err != nil {
		return err
	}
	if err := f.updates.Flush(ctx); err != nil {
		return err
	}
	return f.write(ctx, &s, forgotten)
}

// keepAsItIs keeps the state as it is in memory, when a start would else fold so many
// entries more. Nothing is folded meanwhile.
func (f *Fold) keepAsItIs(least uint64) {
	k := &f.keeping
	f.mu.RLock()
	defer f.mu.RUnlock()
	k.mu.Lock()
	worth := k.path != "" && k.forgotten == 0 && f.folded >= f.until && f.folded >= k.kept+least
	k.mu.Unlock()
	if !worth {
		return
	}
	ctx := context.Background()
	err := f.updates.Flush(ctx)
	if err == nil {
		err = f.write(ctx, &f.state, 0)
	}
	if err != nil {
		f.log.Warn("the state is not kept: the next start folds more of the journal", "reason", err)
	}
}

// write keeps a state, unless something was forgotten since it was begun.
func (f *Fold) write(ctx context.Context, s *state, forgotten int) error {
	head, err := f.head()
	if err != nil {
		return err
	}
	entries, err := f.journal.Read(ctx, s.folded-1, 1)
	if err != nil {
		return err
	}
	if len(entries) != 1 || entries[0].Seq != s.folded {
		return fmt.Errorf("the journal has no entry %d", s.folded)
	}
	body := snapshot.Append(nil, nil, &s.strange, &s.sent)
	head.Own = len(body)
	body = s.tracker.AppendState(body)
	head.Entry, head.EntryID, head.Update = s.folded, entries[0].ID, s.tracker.Published()
	head.Bytes, head.CRC = len(body), crc32.Checksum(body, castagnoli)
	line, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("cannot say what the kept state belongs to: %w", err)
	}
	k := &f.keeping
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.forgotten != forgotten {
		return errors.New("a caller was forgotten meanwhile")
	}
	out, err := os.OpenFile(k.path+half, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // #nosec G304 -- in the data folder that the configuration names
	if err != nil {
		return fmt.Errorf("cannot keep the state: %w", err)
	}
	if err := atomicfile.Write(out, k.path, []byte(keptMagic), append(line, '\n'), body); err != nil {
		return fmt.Errorf("cannot keep the state: %w", err)
	}
	k.kept = s.folded
	f.log.Info("state kept", "entry", s.folded, "bytes", len(body))
	return nil
}

// half is the end of the name of a file that is being written.
const half = ".half"
