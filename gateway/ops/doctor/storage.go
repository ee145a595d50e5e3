package doctor

import (
	"context"
	"errors"
	"io/fs"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	journal "htgateway/gateway/journal/sqlite"
	series "htgateway/telemetry/sqlite"
)

// journal reads the journal and checks it, as a reader that can change nothing.
func (s *Site) journal(ctx context.Context) []Finding {
	f := Finding{Area: "journal", Subject: s.journalFile(), Verdict: Good}
	r, err := journal.OpenToRead(ctx, s.journalFile())
	if errors.Is(err, fs.ErrNotExist) {
		f.Verdict, f.Found = Warning, say("belum ada", "is not there yet")
		f.Do = say("gateway membuatnya saat pertama berjalan", "the gateway makes it when it first runs")
		return []Finding{f}
	}
	if err != nil {
		f.Verdict, f.Found = Fault, Words{err.Error(), err.Error()}
		f.Do = say("pakai htgateway versi yang sama dengan pembuatnya, atau pulihkan dari cadangan", "use the version of htgateway that made it, or restore a backup")
		return []Finding{f}
	}
	defer r.Close()
	last, err := r.Last(ctx)
	if err == nil {
		err = r.Check(ctx)
	}
	switch {
	case ctx.Err() != nil:
		f.Verdict, f.Found = Unknown, say("terlalu besar untuk diperiksa dalam %v", "too large to check within %v", checkWithin)
		f.Do = say("htgateway rebuild memeriksa setiap catatan", "htgateway rebuild checks every entry")
	case err != nil:
		f.Verdict, f.Found = Fault, Words{err.Error(), err.Error()}
		f.Do = say("salin berkasnya dulu, lalu pulihkan dari cadangan", "copy the file away first, then restore a backup")
	default:
		f.Found = say("%d catatan, berkasnya utuh", "%d entries, the file is sound", last)
	}
	return []Finding{f}
}

// store looks at where the time series go.
func (s *Site) store(ctx context.Context) []Finding {
	if s.c.Telemetry.Store == config.StoreInflux {
		return []Finding{s.influx(ctx)}
	}
	f := Finding{Area: "store", Subject: datadir.Of(s.c).Series(), Verdict: Good, Found: say("dapat dibaca", "can be read")}
	r, err := series.OpenToRead(ctx, f.Subject)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Verdict, f.Found = Warning, say("belum ada", "is not there yet")
		f.Do = say("gateway membuatnya saat pertama berjalan", "the gateway makes it when it first runs")
	case err != nil:
		f.Verdict, f.Found = Fault, Words{err.Error(), err.Error()}
		f.Do = say("pindahkan berkas itu, lalu htgateway rebuild membuatnya lagi dari jurnal", "move the file away, then htgateway rebuild makes it again from the journal")
	default:
		_ = r.Close()
	}
	return []Finding{f}
}

func (s *Site) influx(ctx context.Context) Finding {
	i := s.c.Telemetry.Influx
	f := Finding{Area: "store", Subject: i.URL, Verdict: Good, Found: say("menerima tulisan ke %s", "takes writes to %s", i.Bucket)}
	store, err := datadir.Influx(s.c)
	if err == nil {
		defer store.Close()
		err = store.Check(ctx)
	}
	if err != nil {
		f.Verdict, f.Found = Fault, Words{err.Error(), err.Error()}
		f.Do = say("periksa url, org, bucket dan token_file; yang tertunda ditulis kemudian", "check url, org, bucket and token_file; what waits is written later")
	}
	return f
}
