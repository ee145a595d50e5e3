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

	"htgateway/devices/atomicfile"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/gateway/state/snapshot"
)

// When a checkpoint is written: at the start, after checkpointEvery entries were folded;
// while running, after as many, but once in a checkpointPeriod of real time at most; at the
// end, when the next start would fold more than checkpointAtEndFrom entries.
const (
	checkpointEvery     = 50_000
	checkpointPeriod    = 5 * time.Minute
	checkpointAtEndFrom = 5000
)

// checkpointMagic begins the file.
const checkpointMagic = "htgateway state 3\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkpointFile is the file with the state as it was after some entry, so that a start
// need not fold the whole journal. It can always be made again: one that does not match is
// ignored, and the journal is folded from its beginning.
type checkpointFile struct {
	path string
	// resumedFrom is the entry after which this fold began, 0 for the journal's beginning.
	resumedFrom uint64

	mu sync.Mutex
	// savedUpTo is the entry up to which the file has everything.
	savedUpTo uint64
	// erasures counts the erasures of personal data: a state from before one must not be
	// written any more.
	erasures int
	// pending are the incidents whose caller the state in memory may still name, with the
	// entry of the act that erases it; dirty is set when memory holds other things that
	// were forgotten. Neither is written.
	pending map[string]uint64
	dirty   bool
}

// clean tells whether what is in memory may be written.
func (k *checkpointFile) clean() bool { return !k.dirty && len(k.pending) == 0 }

// checkpointHead says what a file's state belongs to.
type checkpointHead struct {
	// Program is a hash of the executable: another one may fold otherwise.
	Program      string `json:"program"`
	Shape        string `json:"shape"`
	SettingsHash string `json:"generation"`
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

// CheckpointIn makes the fold write checkpoints of its state to a file. It must be called before [Fold.Run].
func (f *Fold) CheckpointIn(path string) { f.checkpoint.path = path }

// Forget removes the checkpoint, and lets none be written of what is in memory now: it
// holds personal data that was erased. A later one is made from the journal.
func (f *Fold) Forget() {
	k := &f.checkpoint
	k.mu.Lock()
	defer k.mu.Unlock()
	k.erasures++
	k.savedUpTo, k.dirty = 0, true
	if k.path == "" {
		return
	}
	if err := RemoveCheckpoint(k.path); err != nil {
		f.log.Error("the kept state still names who was forgotten: remove it", "file", k.path, "reason", err)
	}
}

// RemoveCheckpoint removes a checkpoint, if there is one.
func RemoveCheckpoint(path string) error {
	for _, file := range []string{path + half, path} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot remove the kept state: %w", err)
		}
	}
	return nil
}

// startFromCheckpoint begins with the state of the checkpoint, where there is one that
// matches.
func (f *Fold) startFromCheckpoint(ctx context.Context) {
	if f.checkpoint.path == "" || f.folded > 0 {
		return
	}
	began := time.Now()
	s, err := f.readCheckpoint(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		f.log.Info("the journal is folded from its beginning", "reason", err)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state, f.checkpoint.resumedFrom, f.checkpoint.savedUpTo = s, s.folded, s.folded
	f.log.Info("kept state taken up", "entry", s.folded, "took", time.Since(began).Round(time.Millisecond))
}

// readCheckpoint reads the state from the file.
func (f *Fold) readCheckpoint(ctx context.Context) (state, error) {
	s := newState(f.settings)
	head, body, err := readCheckpointFile(f.checkpoint.path)
	if err != nil {
		return s, err
	}
	if why := f.mismatch(ctx, head); why != "" {
		return s, errors.New(why)
	}
	if crc32.Checksum(body, castagnoli) != head.CRC {
		return s, fmt.Errorf("%w: its checksum is another", snapshot.ErrBroken)
	}
	if err := snapshot.Read(body[:head.Own], nil, &s.sent, &s.newestAct); err != nil {
		return s, err
	}
	s.folded = head.Entry
	return s, s.tracker.Resume(body[head.Own:])
}

// mismatch is why a checkpoint cannot be the state of this journal and this update log as
// this program folds them, empty when it can.
func (f *Fold) mismatch(ctx context.Context, head checkpointHead) string {
	now, err := f.head()
	switch {
	case err != nil:
		return err.Error()
	case head.Program != now.Program || head.Shape != now.Shape:
		return "the state was kept by another version"
	case head.SettingsHash != now.SettingsHash || f.updates.SettingsHash() != now.SettingsHash:
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

// head is what this program writes at the front of a checkpoint under these settings.
func (f *Fold) head() (checkpointHead, error) {
	program, err := thisProgram()
	if err != nil {
		return checkpointHead{}, err
	}
	shape, err := tracker.Shape()
	if err != nil {
		return checkpointHead{}, err
	}
	hash, err := f.settingsHash()
	if _, is := excludedEntries(f.updates.SettingsHash(), hash); is {
		hash = f.updates.SettingsHash() // with what it was made without
	}
	return checkpointHead{Program: program, Shape: shape, SettingsHash: hash}, err
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

func readCheckpointFile(path string) (head checkpointHead, body []byte, err error) {
	b, err := os.ReadFile(path) // #nosec G304 -- in the data folder that the configuration names
	if err != nil {
		return head, nil, fmt.Errorf("cannot read the kept state: %w", err)
	}
	b, is := bytes.CutPrefix(b, []byte(checkpointMagic))
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

// checkpointPeriodically writes checkpoints while the fold runs. Each is made beside the
// fold, from the last one and the entries since: folding a key never waits for it.
func (f *Fold) checkpointPeriodically(ctx context.Context) error {
	tick := time.NewTicker(checkpointPeriod)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		f.mu.RLock()
		folded, caughtUp := f.folded, f.folded >= f.catchUpTo
		f.mu.RUnlock()
		f.checkpoint.mu.Lock()
		saved := f.checkpoint.savedUpTo
		f.checkpoint.mu.Unlock()
		if !caughtUp || folded < saved+checkpointEvery {
			continue
		}
		if err := f.checkpointUpTo(ctx, folded); err != nil && ctx.Err() == nil {
			f.log.Warn("the state is not kept: the next start folds more of the journal", "reason", err)
		}
	}
}

var errReached = errors.New("fold: reached")

// checkpointUpTo makes the state as it was after an entry, or a little later, and writes
// it.
func (f *Fold) checkpointUpTo(ctx context.Context, entry uint64) error {
	f.checkpoint.mu.Lock()
	erasures := f.checkpoint.erasures
	f.checkpoint.mu.Unlock()
	s, err := f.readCheckpoint(ctx)
	if err != nil {
		s = newState(f.settings)
	}
	quiet := slog.New(slog.DiscardHandler) // it was logged when it was folded
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
	return f.write(ctx, s.encode(), erasures)
}

// checkpointNow writes the state as it is in memory, when a start would else fold so many
// entries more. It is encoded under the fold's lock, and written without it.
func (f *Fold) checkpointNow(least uint64) {
	s, erasures, worth := f.encodeNow(least)
	if !worth {
		return
	}
	ctx := context.Background()
	err := f.updates.Flush(ctx)
	if err == nil {
		err = f.write(ctx, s, erasures)
	}
	if err != nil {
		f.log.Warn("the state is not kept: the next start folds more of the journal", "reason", err)
	}
}

// encodeNow encodes the state in memory where it may be written and is worth it; erasures is
// how many there were by then.
func (f *Fold) encodeNow(least uint64) (s encodedState, erasures int, worth bool) {
	k := &f.checkpoint
	f.mu.RLock()
	defer f.mu.RUnlock()
	k.mu.Lock()
	worth, erasures = k.path != "" && k.clean() && f.folded >= f.catchUpTo && f.folded >= k.savedUpTo+least, k.erasures
	k.mu.Unlock()
	if worth {
		s = f.encode()
	}
	return s, erasures, worth
}

// encodedState is a state as it stands in the file.
type encodedState struct {
	folded, update uint64
	body           []byte
	own            int // how much of body, at its front, is the fold's own
}

func (s *state) encode() encodedState {
	own := snapshot.Append(nil, nil, &s.sent, &s.newestAct)
	return encodedState{s.folded, s.tracker.LastUpdate(), s.tracker.AppendState(own), len(own)}
}

// write writes a state to the file, unless a caller was erased since it was begun.
func (f *Fold) write(ctx context.Context, s encodedState, erasures int) error {
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
	head.Entry, head.EntryID, head.Update = s.folded, entries[0].ID, s.update
	k := &f.checkpoint
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.erasures != erasures {
		return errors.New("a caller was forgotten meanwhile")
	}
	if err := writeCheckpoint(k.path, head, s); err != nil {
		return err
	}
	k.savedUpTo = s.folded
	f.log.Info("state kept", "entry", s.folded)
	return nil
}

// writeCheckpoint writes a state behind a head, whose sizes and checksum it sets.
func writeCheckpoint(path string, head checkpointHead, s encodedState) error {
	head.Bytes, head.Own, head.CRC = len(s.body), s.own, crc32.Checksum(s.body, castagnoli)
	line, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("cannot say what the kept state belongs to: %w", err)
	}
	out, err := os.OpenFile(path+half, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // #nosec G304 -- in the data folder that the configuration names
	if err != nil {
		return fmt.Errorf("cannot keep the state: %w", err)
	}
	if err := atomicfile.Write(out, path, []byte(checkpointMagic), append(line, '\n'), s.body); err != nil {
		return fmt.Errorf("cannot keep the state: %w", err)
	}
	return nil
}

// half is the end of the name of a file that is being written.
const half = ".half"
