package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"htgateway/devices"
	"htgateway/devices/atomicfile"
	"htgateway/gateway/journal"
)

// checkpointEvery is how often what is remembered goes to the disk.
const checkpointEvery = time.Minute

// checkpointMagic begins the file; eight hexadecimal digits of its checksum follow.
const checkpointMagic = "htgateway heard 1 "

// checkpoint is what is remembered, as it was after an entry of the journal, or a little
// later: to recall the entries since once more changes nothing. It can always be made
// again from the journal.
type checkpoint struct {
	Entry   uint64 `json:"entry"`
	EntryID string `json:"entry_id"`
	// Stretches are those of the journal up to that entry.
	Stretches  []stretch       `json:"stretches"`
	Settings   []savedSetting  `json:"settings"`
	Keys       []savedKeys     `json:"keys"`
	Deliveries []savedDelivery `json:"deliveries"`
}

type savedSetting struct {
	Device devices.Identity `json:"device"`
	Kind   devices.Kind     `json:"kind"`
	Tier   int              `json:"tier"`
	Now    []byte           `json:"now"`
	NowAt  int64            `json:"now_at"`
	Runs   []savedRun       `json:"runs"`
}

type savedRun struct {
	Value []byte `json:"value"`
	First int64  `json:"first"`
	Last  int64  `json:"last"`
}

type savedKeys struct {
	Device devices.Identity `json:"device"`
	Tier   int              `json:"tier"`
	Keys   []savedKey       `json:"keys"`
}

type savedKey struct {
	Key    []byte `json:"key"`
	Header []byte `json:"header"`
	At     int64  `json:"at"`
}

type savedDelivery struct {
	Delivery []byte    `json:"delivery"`
	Report   string    `json:"report"`
	Link     string    `json:"link"`
	Via      string    `json:"via,omitzero"`
	At       time.Time `json:"at"`
}

// CheckpointIn has what is remembered kept in a file by [Intake.Run]. It must be called
// before [Intake.Recall].
func (in *Intake) CheckpointIn(path string) { in.path = path }

// Run keeps the checkpoint, and what a gateway that stands by remembers, up to date until
// ctx ends.
func (in *Intake) Run(ctx context.Context) error {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			in.keep(last)
			return nil
		}
		in.keep(ctx)
	}
}

func (in *Intake) keep(ctx context.Context) {
	if err := in.Checkpoint(ctx); err != nil {
		in.log.Warn("what was heard is not kept, the next start reads more of the journal", "reason", err)
	}
}

// Checkpoint writes down what is remembered.
func (in *Intake) Checkpoint(ctx context.Context) error {
	if err := in.Recall(ctx); err != nil { // does nothing once frames are taken
		return err
	}
	in.recalling.Lock()
	defer in.recalling.Unlock()
	// What was in the journal at the last call is remembered by now: who appended it had
	// until now to note that.
	last := in.upTo
	if err := in.times.advance(ctx, in.journal); err != nil {
		return err
	}
	in.upTo = in.times.mark()
	if in.path == "" || last.entry <= in.kept {
		return nil
	}
	c := in.remembered()
	c.Entry, c.EntryID, c.Stretches = last.entry, last.id, in.times.until(last)
	state, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("cannot keep what was heard: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(in.path), filepath.Base(in.path)+".*")
	if err != nil {
		return fmt.Errorf("cannot keep what was heard: %w", err)
	}
	if err := atomicfile.Write(f, in.path, fmt.Appendf(nil, "%s%08x\n", checkpointMagic, crc32.ChecksumIEEE(state)), state); err != nil {
		return err
	}
	in.kept = c.Entry
	return nil
}

// remembered copies what lasts, without what is not stored yet.
func (in *Intake) remembered() checkpoint {
	in.mu.Lock()
	defer in.mu.Unlock()
	var c checkpoint
	for item := range in.settings.all {
		k, v, tier := item.key, item.value, item.tier
		s := savedSetting{Device: k.device, Kind: k.kind, Tier: tier, Now: bytes.Clone(v.now[:]), NowAt: v.nowAt}
		if stillPending(v.by) != nil {
			s.Now = nil
		}
		for _, r := range v.runs {
			if stillPending(r.by) == nil {
				s.Runs = append(s.Runs, savedRun{bytes.Clone(r.value[:]), r.first, r.last})
			}
		}
		c.Settings = append(c.Settings, s)
	}
	for item := range in.bursts.all {
		s := savedKeys{Device: item.key, Tier: item.tier}
		for _, k := range item.value.keys {
			if stillPending(k.by) == nil {
				s.Keys = append(s.Keys, savedKey{bytes.Clone(k.key[:]), bytes.Clone(k.header[:]), k.at})
			}
		}
		c.Keys = append(c.Keys, s)
	}
	for id, h := range in.dedup.byDelivery.all {
		if h.stored {
			c.Deliveries = append(c.Deliveries, savedDelivery{bytes.Clone(id[:]), h.id, h.link, h.via, h.at})
		}
	}
	return c
}

// resume takes the checkpoint, and returns the entry up to which all is remembered, 0
// without one that belongs to this journal.
func (in *Intake) resume(ctx context.Context, last uint64) uint64 {
	if in.path == "" {
		return 0
	}
	c, err := readCheckpoint(in.path)
	if err == nil && (c.Entry == 0 || c.Entry > last) {
		err = errors.New("it is of another journal")
	}
	if err == nil {
		var entries []journal.Entry
		if entries, err = in.journal.Read(ctx, c.Entry-1, 1); err == nil && (len(entries) == 0 || entries[0].ID != c.EntryID) {
			err = errors.New("it is of another journal")
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		in.log.Warn("what was heard is read from the whole journal", "reason", err)
		return 0
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.times.set(entryMark{entry: c.Entry, id: c.EntryID}, c.Stretches)
	for _, s := range c.Settings {
		v := &setting{known: len(s.Now) == 16, nowAt: s.NowAt}
		copy(v.now[:], s.Now)
		for _, r := range s.Runs {
			run := settingRun{first: r.First, last: r.Last}
			copy(run.value[:], r.Value)
			v.runs = append(v.runs, run)
		}
		in.settings.put(settingKey{s.Device, s.Kind}, v, min(max(s.Tier, 0), 1))
	}
	for _, s := range c.Keys {
		p := new(presses)
		for _, k := range s.Keys {
			one := press{at: k.At}
			copy(one.key[:], k.Key)
			copy(one.header[:], k.Header)
			p.add(one)
		}
		in.bursts.put(s.Device, p, min(max(s.Tier, 0), 1))
	}
	for _, d := range c.Deliveries {
		var id journal.ID16
		copy(id[:], d.Delivery)
		in.dedup.byDelivery.put(id, &firstHearing{id: d.Report, link: d.Link, via: d.Via, at: d.At, stored: true}, d.At)
	}
	return c.Entry
}

func readCheckpoint(path string) (c checkpoint, err error) {
	b, err := os.ReadFile(path) // #nosec G304 -- of the data folder
	if err != nil {
		return c, err
	}
	head, state, _ := bytes.Cut(b, []byte{'\n'})
	if string(head) != fmt.Sprintf("%s%08x", checkpointMagic, crc32.ChecksumIEEE(state)) {
		return c, errors.New("it is damaged, or of another version")
	}
	if err := json.Unmarshal(state, &c); err != nil {
		return c, fmt.Errorf("it cannot be read: %w", err)
	}
	return c, nil
}
