package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"time"
)

// Bounds of a healthy disk.
const (
	roomWarning   = 2 << 30   // bytes
	roomFault     = 200 << 20 // bytes
	slowSync      = 100 * time.Millisecond
	syncs         = 9
	ramMagic      = 0x01021994 // TMPFS_MAGIC, linux/magic.h
	mountReadOnly = 1          // ST_RDONLY, statvfs(3)
)

// disk looks at the folder of the data.
func (s *Site) disk(ctx context.Context) []Finding {
	dir := s.c.Data.Dir
	f := Finding{Area: "disk", Subject: dir, Verdict: Good}
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		f.Verdict, f.Found = Warning, say("belum ada", "is not there yet")
		f.Do = say("gateway membuatnya saat pertama berjalan; %s harus boleh menulis di atasnya", "the gateway makes it when it first runs; %s has to have the right to", s.Account.Name)
		return []Finding{f}
	}
	if err != nil || !info.IsDir() {
		f.Verdict, f.Found = Fault, say("bukan folder yang bisa dibaca: %v", "is no folder that can be read: %v", err)
		f.Do = say("ubah data.dir", "change data.dir")
		return []Finding{f}
	}
	var at syscall.Statfs_t
	if err := syscall.Statfs(dir, &at); err != nil {
		f.Verdict, f.Found = Unknown, Words{err.Error(), err.Error()}
		return []Finding{f}
	}
	room := at.Bavail * uint64(at.Bsize)
	switch {
	case at.Flags&mountReadOnly != 0:
		f.Verdict, f.Found = Fault, say("sistem berkasnya hanya bisa dibaca", "its file system is read-only")
		f.Do = say("biasanya kartu atau disk rusak: lihat dmesg, ganti, pulihkan", "mostly a card or disk that fails: see dmesg, replace it, restore")
	case !s.Account.may(info, mayRead|mayWrite):
		f.Verdict, f.Found = Fault, say("%s tidak boleh menulis di sini", "%s may not write here", s.Account.Name)
		f.Do = say("chown -R %s %s", "chown -R %s %s", s.Account.Name, dir)
	case room < roomFault:
		f.Verdict, f.Found = Fault, say("hanya %s tersisa", "only %s left", size(room))
		f.Do = say("kosongkan disk sekarang: jurnal penuh berhenti menerima laporan", "make room now: a gateway without room stops taking reports")
	case room < roomWarning:
		f.Verdict, f.Found = Warning, say("%s tersisa", "%s left", size(room))
		f.Do = say("kosongkan disk", "make room")
	case at.Type == ramMagic:
		f.Verdict, f.Found = Warning, say("di memori (tmpfs): hilang saat listrik padam", "in memory (tmpfs): gone when the power fails")
		f.Do = say("pindahkan data.dir ke disk", "move data.dir to a disk")
	default:
		f.Found = say("%s tersisa", "%s left", size(room))
	}
	out := []Finding{f}
	if f.Verdict != Fault {
		out = append(out, s.syncTime(ctx, dir))
	}
	return out
}

// syncTime measures how long the disk takes to have a page for certain, with a small
// file of its own that is gone afterwards.
func (s *Site) syncTime(ctx context.Context, dir string) Finding {
	f := Finding{Area: "disk", Subject: "fsync", Verdict: Good}
	file, err := os.CreateTemp(dir, ".htgateway-doctor-*")
	if err != nil {
		f.Verdict, f.Found = Unknown, Words{err.Error(), err.Error()}
		f.Do = say("jalankan sebagai root atau %s", "run this as root or %s", s.Account.Name)
		return f
	}
	defer os.Remove(file.Name())
	defer file.Close()
	var took []time.Duration
	for page := make([]byte, 4096); len(took) < syncs && ctx.Err() == nil; {
		began := time.Now()
		if _, err = file.Write(page); err == nil {
			err = file.Sync()
		}
		if err != nil {
			f.Verdict, f.Found = Fault, Words{err.Error(), err.Error()}
			f.Do = say("disk tidak mau menulis: lihat dmesg", "the disk does not take it: see dmesg")
			return f
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	median := took[len(took)/2]
	f.Found = say("%v sampai tersimpan (tengah dari %d)", "%v until it is on the disk (median of %d)", median.Round(10*time.Microsecond), len(took))
	if median > slowSync {
		f.Verdict = Warning
		f.Do = say("disk lambat: laporan menunggu selama itu; pakai SSD", "a slow disk: each report waits that long; use an SSD")
	}
	return f
}

func size(bytes uint64) string {
	if bytes >= 10<<30 {
		return fmt.Sprintf("%d GB", bytes>>30)
	}
	return fmt.Sprintf("%d MB", bytes>>20)
}
