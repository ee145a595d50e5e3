package doctor

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/gateway/config"
)

// brokers signs in at each broker under a name of its own: the gateway's would throw
// the gateway out.
func (s *Site) brokers(ctx context.Context) []Finding {
	var out []Finding
	for _, l := range s.c.Links {
		if l.Kind == "mqtt" {
			out = append(out, s.broker(ctx, l))
		}
	}
	return out
}

func (s *Site) broker(ctx context.Context, l config.Link) Finding {
	f := Finding{Area: "broker", Subject: l.ID, Verdict: Good, Found: say("%s menerima kami", "%s lets us in", l.Broker)}
	security, err := l.TLS()
	if err != nil {
		f.Verdict, f.Found = Fault, Words{err.Error(), err.Error()}
		f.Do = say("perbaiki ca_file, cert_file dan key_file link itu", "put ca_file, cert_file and key_file of the link right")
		return f
	}
	o := paho.NewClientOptions().AddBroker(l.Broker).SetClientID(fmt.Sprintf("%s-doctor-%d", l.ClientID, os.Getpid())).
		SetUsername(l.Username).SetPassword(string(l.Password)).SetCleanSession(true).
		SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(checkWithin / 2)
	if security != nil {
		o.SetTLSConfig(security)
	}
	client := paho.NewClient(o)
	token := client.Connect()
	select {
	case <-token.Done():
	case <-ctx.Done():
	}
	defer client.Disconnect(0)
	if err := token.Error(); err != nil || ctx.Err() != nil {
		f.Verdict, f.Found = Fault, say("%s tidak menerima kami: %v", "%s does not let us in: %v", l.Broker, err)
		f.Do = say("periksa alamat, username dan password_file link itu, dan jaringan ke sana", "check the link's address, username and password_file, and the network there")
	}
	return f
}

// embedded looks at the broker in the gateway.
func (s *Site) embedded(ctx context.Context) []Finding {
	e := s.c.MQTT.Embedded
	if !e.Enabled {
		return nil
	}
	var out []Finding
	plain, secure := s.c.MQTT.Addresses()
	for _, address := range []string{plain, secure} {
		if address != "" {
			out = append(out, s.listening(ctx, "broker", address))
		}
	}
	if len(e.Users) == 0 && !e.AllowAnonymous {
		out = append(out, Finding{
			Area: "broker", Subject: "mqtt.embedded.users_file", Verdict: Warning,
			Found: say("tanpa pengguna tidak ada ponsel yang bisa masuk kecuali yang didaftarkan dari halaman", "without users no phone gets in but those enrolled on the page"),
			Do:    say("htgateway user add --device NAMA --role device --file BERKAS", "htgateway user add --device NAME --role device --file FILE"),
		})
	}
	return out
}

// webhooks calls at each server without saying anything.
func (s *Site) webhooks(ctx context.Context) []Finding {
	var out []Finding
	for _, w := range s.c.Webhooks {
		f := Finding{Area: "webhook", Subject: w.ID, Verdict: Good}
		u, err := url.Parse(w.URL)
		if err != nil || u.Host == "" {
			continue // a finding of the configuration
		}
		address := u.Host
		if u.Port() == "" {
			address = net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
		}
		if c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address); err != nil {
			f.Verdict, f.Found = Fault, say("tidak terhubung: %v", "cannot be reached: %v", err)
			f.Do = say("periksa alamat dan jaringan; yang tertunda dikirim ulang", "check address and network; what waits is sent again")
		} else {
			_ = c.Close()
			f.Found = say("%s menjawab", "%s answers", address)
		}
		out = append(out, f)
	}
	return out
}
