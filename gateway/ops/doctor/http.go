package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"time"

	"htgateway/devices/account"
)

// http looks at where the page is served and for whom.
func (s *Site) http(ctx context.Context) []Finding {
	h := s.c.HTTP
	out := []Finding{s.listening(ctx, "http", h.Listen)}
	host, _, err := net.SplitHostPort(h.Listen)
	if err != nil {
		return out // a finding of the configuration
	}
	ip := net.ParseIP(host)
	beyond := host != "localhost" && (ip == nil || !ip.IsLoopback())
	switch {
	case beyond && h.UsersFile == "" && h.Token == "":
		out = append(out, Finding{
			Area: "http", Subject: h.Listen, Verdict: Fault,
			Found: say("terbuka untuk jaringan tanpa pengguna dan tanpa token", "open to the network without users and without a token"),
			Do:    say("htgateway user add NAMA --role admin --file BERKAS, lalu http.users_file dan TLS", "htgateway user add NAME --role admin --file FILE, then http.users_file and TLS"),
		})
	case beyond && h.TLSCert == "":
		out = append(out, Finding{
			Area: "http", Subject: h.Listen, Verdict: Warning,
			Found: say("tanpa TLS: kata sandi terbaca di jalan, dan ponsel tidak memberi posisi", "without TLS: passwords can be read on the way, and phones give no position"),
			Do:    say("isi http.tls_cert dan http.tls_key", "set http.tls_cert and http.tls_key"),
		})
	}
	return out
}

// users looks at who may sign in.
func (s *Site) users(context.Context) []Finding {
	path := s.c.HTTP.UsersFile
	if path == "" {
		return nil
	}
	f := Finding{Area: "users", Subject: path, Verdict: Good}
	users, err := account.ReadFile(path)
	people, admins := account.ByName(users, account.Role.OfPeople), 0
	for _, u := range people {
		if u.Role == account.Admin {
			admins++
		}
	}
	info, statErr := os.Stat(path)
	switch {
	case err != nil:
		f.Verdict, f.Found = Fault, Words{err.Error(), err.Error()}
		f.Do = say("perbaiki baris itu; sampai itu tidak ada yang bisa masuk", "put that line right; until then nobody can sign in")
	case len(people) == 0:
		f.Verdict, f.Found = Fault, say("tidak ada pengguna: tidak ada yang bisa masuk", "no users: nobody can sign in")
		f.Do = say("htgateway user add NAMA --role admin --file %s", "htgateway user add NAME --role admin --file %s", path)
	case admins == 0:
		f.Verdict, f.Found = Warning, say("%d pengguna, tidak ada admin", "%d users, none of them an admin", len(people))
		f.Do = say("htgateway user add NAMA --role admin --file %s", "htgateway user add NAME --role admin --file %s", path)
	case statErr == nil && info.Mode().Perm()&0o007 != 0:
		f.Verdict, f.Found = Warning, say("siapa pun di mesin ini dapat membacanya (%v)", "anybody on this machine can read it (%v)", info.Mode().Perm())
		f.Do = say("chmod o= %s", "chmod o= %s", path)
	default:
		f.Found = say("%d pengguna, %d admin", "%d users, %d of them admins", len(people), admins)
	}
	return []Finding{f}
}

// secrets tells of files with secrets that anybody may read.
func (s *Site) secrets(context.Context) []Finding {
	files := []string{s.c.HTTP.TokenFile, s.c.HTTP.TLSKey, s.c.MQTT.Embedded.TLSKey, s.c.MQTT.Embedded.UsersFile, s.c.Telemetry.Influx.TokenFile, s.c.Meshtastic.KeysFile, s.c.OwnTracks.SecretsFile}
	for _, l := range s.c.Links {
		files = append(files, l.PasswordFile, l.KeyFile)
	}
	for _, w := range s.c.Webhooks {
		files = append(files, w.SecretFile)
	}
	var out []Finding
	seen := map[string]bool{"": true}
	for _, path := range files {
		if seen[path] {
			continue
		}
		seen[path] = true
		info, err := os.Stat(path)
		switch {
		case err != nil: // a finding of the configuration
		case !s.Account.may(info, mayRead):
			out = append(out, Finding{
				Area: "secret", Subject: path, Verdict: Fault, Found: say("%s tidak boleh membacanya", "%s may not read it", s.Account.Name),
				Do: say("chown %s %s", "chown %s %s", s.Account.Name, path),
			})
		case info.Mode().Perm()&0o007 != 0:
			out = append(out, Finding{
				Area: "secret", Subject: path, Verdict: Warning,
				Found: say("siapa pun di mesin ini dapat membacanya (%v)", "anybody on this machine can read it (%v)", info.Mode().Perm()),
				Do:    say("chmod o= %s", "chmod o= %s", path),
			})
		}
	}
	return out
}

// expiresSoon is how long before a certificate's end it is a finding.
const expiresSoon = 30 * 24 * time.Hour

// certificates looks at when they end.
func (s *Site) certificates(context.Context) []Finding {
	type pair struct{ cert, key string }
	pairs := []pair{{s.c.HTTP.TLSCert, s.c.HTTP.TLSKey}, {s.c.MQTT.Embedded.TLSCert, s.c.MQTT.Embedded.TLSKey}}
	for _, l := range s.c.Links {
		pairs = append(pairs, pair{l.CertFile, l.KeyFile})
	}
	var out []Finding
	seen := map[pair]bool{}
	for _, p := range pairs {
		if p.cert == "" || seen[p] {
			continue
		}
		seen[p] = true
		out = append(out, s.certificate(p.cert, p.key))
	}
	return out
}

func (s *Site) certificate(cert, key string) Finding {
	f := Finding{Area: "certificate", Subject: cert, Verdict: Good, Do: say("perbarui sertifikat itu, lalu systemctl restart htgateway", "renew the certificate, then systemctl restart htgateway")}
	loaded, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		f.Verdict, f.Found = Fault, Words{err.Error(), err.Error()}
		f.Do = say("sertifikat dan kunci harus sepasang, dalam PEM", "certificate and key have to be a pair, in PEM")
		return f
	}
	leaf, err := x509.ParseCertificate(loaded.Certificate[0])
	if err != nil {
		f.Verdict, f.Found = Fault, Words{err.Error(), err.Error()}
		return f
	}
	until, now := leaf.NotAfter.UTC().Format(time.DateOnly), s.Now()
	switch {
	case now.After(leaf.NotAfter):
		f.Verdict, f.Found = Fault, say("berakhir pada %s", "ended on %s", until)
	case now.Before(leaf.NotBefore):
		f.Verdict, f.Found = Fault, say("baru berlaku %s: jam mesin ini salah?", "not valid before %s: is this machine's clock wrong?", leaf.NotBefore.UTC().Format(time.DateOnly))
	case leaf.NotAfter.Sub(now) < expiresSoon:
		f.Verdict, f.Found = Warning, say("berakhir %s, %d hari lagi", "ends on %s, in %d days", until, int(leaf.NotAfter.Sub(now).Hours()/24))
	default:
		f.Found, f.Do = say("berlaku sampai %s", "valid until %s", until), Words{}
	}
	return f
}
