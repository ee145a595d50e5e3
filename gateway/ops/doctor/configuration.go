package doctor

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/journal/sqlite"
)

// configuration reads the settings. Those of a file in which something is wrong are
// used as far as they go.
func (s *Site) configuration() (findings []Finding, readable bool) {
	c, err := config.Load(s.File)
	s.c = c
	var several *config.ProblemsError
	switch {
	case err == nil:
		return []Finding{{
			Area: "configuration", Subject: s.File, Verdict: Good,
			Found: say("%d link, %d unit", "%d links, %d units", len(c.Links), len(c.Units)),
		}}, true
	case !errors.As(err, &several):
		return []Finding{{
			Area: "configuration", Subject: s.File, Verdict: Fault, Found: say("tidak dapat dibaca: %v", "cannot be read: %v", err),
			Do: say("sebutkan berkasnya dengan --config, atau pulihkan", "name the file by --config, or restore it"),
		}}, false
	}
	for _, p := range several.Problems {
		findings = append(findings, Finding{
			Area: "configuration", Subject: s.File, Verdict: Fault, Found: Words{p.String(), p.String()},
			Do: say("perbaiki baris itu, lalu `htgateway config check %s`", "put that line right, then `htgateway config check %s`", s.File),
		})
	}
	return findings, c.Data.Dir != ""
}

// journalFile is where the gateway keeps its journal.
func (s *Site) journalFile() string { return datadir.Of(s.c).Journal() }

// locked tells whether a gateway runs on these data: it holds the journal's lock.
func (s *Site) locked() bool {
	f, err := os.Open(sqlite.LockFile(s.journalFile()))
	if err != nil {
		return false
	}
	defer f.Close() // and with it a lock that was got
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// gateway tells whether the gateway runs.
func (s *Site) gateway(context.Context) []Finding {
	f := Finding{Area: "gateway", Subject: s.c.Data.Dir, Verdict: Good, Found: say("berjalan", "runs")}
	if !s.running {
		f.Verdict, f.Found = Warning, say("tidak berjalan", "does not run")
		f.Do = say("systemctl start htgateway, lalu lihat journalctl -u htgateway", "systemctl start htgateway, then see journalctl -u htgateway")
	}
	return []Finding{f}
}

// listening tells of an address that the gateway listens on: the gateway's own while
// it runs, and free while it does not.
func (s *Site) listening(ctx context.Context, area, address string) Finding {
	f := Finding{Area: area, Subject: address, Verdict: Good}
	if s.running {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			f.Verdict, f.Found = Fault, say("gateway berjalan tetapi tidak menjawab di sini: %v", "the gateway runs but does not answer here: %v", err)
			f.Do = say("lihat journalctl -u htgateway", "see journalctl -u htgateway")
			return f
		}
		_ = c.Close()
		f.Found = say("menjawab", "answers")
		return f
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		f.Verdict, f.Found = Fault, say("tidak bisa dipakai: %v", "cannot be had: %v", err)
		f.Do = say("hentikan program yang memakainya (ss -ltnp) atau ubah alamatnya", "stop the program that has it (ss -ltnp), or change the address")
		return f
	}
	_ = l.Close()
	f.Found = say("bebas", "is free")
	return f
}
