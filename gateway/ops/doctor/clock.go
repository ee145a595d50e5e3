package doctor

import (
	"context"
	"syscall"
	"time"
)

// What adjtimex(2) tells: the kernel's clock is not disciplined (STA_UNSYNC), and
// the state of a clock that is not (TIME_ERROR).
const (
	clockUnsynced = 0x0040
	clockError    = 5
)

// poorClock is an error that would falsify response times.
const poorClock = time.Second

// clock asks the kernel whether something keeps its clock right. It does not matter
// what does: chrony, systemd-timesyncd and ntpd all tell the kernel.
func (s *Site) clock(context.Context) []Finding {
	f := Finding{Area: "clock", Verdict: Good}
	var t syscall.Timex
	state, err := syscall.Adjtimex(&t) // modes 0: asks only
	worst := time.Duration(t.Maxerror) * time.Microsecond
	switch {
	case err != nil:
		f.Verdict, f.Found = Unknown, say("kernel tidak mau menjawab: %v", "the kernel does not tell: %v", err)
		f.Do = say("timedatectl status", "timedatectl status")
	case state == clockError || t.Status&clockUnsynced != 0:
		f.Verdict, f.Found = Warning, say("tidak ada yang menyetel jam mesin ini", "nothing keeps this machine's clock right")
		f.Do = say("apt install chrony (atau timedatectl set-ntp true); waktu respons dihitung dari jam ini", "apt install chrony (or timedatectl set-ntp true); response times are taken by this clock")
	case worst > poorClock:
		f.Verdict, f.Found = Warning, say("disetel, tetapi bisa meleset sampai %v", "kept right, but may be wrong by up to %v", worst.Round(time.Millisecond))
		f.Do = say("chronyc sources: apakah server waktunya terjangkau?", "chronyc sources: are its time servers within reach?")
	default:
		f.Found = say("disetel, meleset paling banyak %v", "kept right, wrong by at most %v", worst.Round(time.Millisecond))
	}
	return []Finding{f}
}
