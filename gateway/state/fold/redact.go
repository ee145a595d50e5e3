package fold

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"slices"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/state/snapshot"
)

func (s *state) redact(r incident.Redaction) {
	s.tracker.Redact(r)
	for unit, own := range s.sent {
		own = slices.Clone(own) // readers may hold the old one
		for i := range own {
			r.Delivery(&own[i])
		}
		s.sent[unit] = own
	}
}

// Redact takes callers out of the state in memory and out of the checkpoint, which stays
// good: nothing has to be folded again because of it.
func (f *Fold) Redact(all []incident.Redaction) error {
	f.mu.Lock()
	for _, r := range all {
		f.state.redact(r)
		if f.previous != nil {
			f.previous.Redact(r)
		}
	}
	f.mu.Unlock()
	k := &f.checkpoint
	k.mu.Lock()
	defer k.mu.Unlock()
	k.erasures++ // one that is being made of older entries is not written any more
	for _, r := range all {
		delete(k.pending, r.Incident)
	}
	if k.path == "" {
		return nil
	}
	kept, err := RedactCheckpoint(k.path, all)
	if !kept {
		k.savedUpTo = 0
	}
	return err
}

// Redacted notes that the erasures up to an entry of the journal are finished: what was
// resumed or folded holds nothing of them.
func (f *Fold) Redacted(upTo uint64) {
	k := &f.checkpoint
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, entry := range k.pending {
		if entry <= upTo {
			delete(k.pending, id)
		}
	}
}

// Erasures lists the incidents whose caller was erased by an act after an entry of the
// journal, and the number of the newest such act.
func (f *Fold) Erasures(after uint64) (incidents []string, newest uint64) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().Erasures(after)
}

// Callers are those that the state names still for an incident.
func (f *Fold) Callers(id string) []string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.answering().Callers(id)
}

// RedactCheckpoint takes callers out of a checkpoint and tells whether there is one
// afterwards: one that this program cannot read is removed.
func RedactCheckpoint(path string, all []incident.Redaction) (kept bool, err error) {
	head, body, err := readCheckpointFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, RemoveCheckpoint(path) // what is left of one that was being written
	}
	var s state
	if err == nil {
		s, err = resumeCheckpoint(head, body)
	}
	if err != nil {
		return false, RemoveCheckpoint(path)
	}
	for _, r := range all {
		s.redact(r)
	}
	if err := writeCheckpoint(path, head, s.encode()); err != nil {
		return false, errors.Join(fmt.Errorf("cannot rewrite the kept state: %w", err), RemoveCheckpoint(path))
	}
	return true, nil
}

// resumeCheckpoint makes the state of a checkpoint that this program wrote, under whatever
// settings.
func resumeCheckpoint(head checkpointHead, body []byte) (state, error) {
	s := newState(incident.Settings{})
	program, err := thisProgram()
	if err != nil {
		return s, err
	}
	shape, err := tracker.Shape()
	if err != nil {
		return s, err
	}
	if head.Program != program || head.Shape != shape || crc32.Checksum(body, castagnoli) != head.CRC {
		return s, fmt.Errorf("%w: another version's", snapshot.ErrBroken)
	}
	if err := snapshot.Read(body[:head.Own], nil, &s.sent, &s.newestAct); err != nil {
		return s, err
	}
	return s, s.tracker.Resume(body[head.Own:])
}

// noteErased keeps the state in memory from being written before it was redacted.
func (k *checkpointFile) noteErased(incidents map[string]uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.erasures++ // what was begun of entries before it names them too
	if k.pending == nil {
		k.pending = map[string]uint64{}
	}
	maps.Copy(k.pending, incidents)
}
