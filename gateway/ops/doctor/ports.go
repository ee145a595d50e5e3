package doctor

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"htgateway/devices/transport/serialport"
	"htgateway/gateway/config"
)

// ports looks at each serial port without opening it: opening would reset some
// adapters and take bytes from the gateway.
func (s *Site) ports(context.Context) []Finding {
	var out []Finding
	for _, l := range s.c.Links {
		if l.Kind == "serial" {
			out = append(out, s.port(l))
		}
	}
	return out
}

func (s *Site) port(l config.Link) Finding {
	f := Finding{Area: "port", Subject: l.ID, Verdict: Good}
	device := l.Device
	if usb := (serialport.USB{Serial: l.USBSerial, Vendor: l.USBVendor, Product: l.USBProduct}); usb != (serialport.USB{}) {
		var err error
		if device, err = usb.Find(l.Device); err != nil {
			f.Verdict, f.Found = Fault, Words{err.Error(), err.Error()}
			f.Do = say("colokkan adaptornya; `lsusb -v` menyebut nomor serinya", "plug the adapter in; `lsusb -v` tells its serial number")
			return f
		}
	}
	if strings.ContainsAny(device, "*?[") {
		fits, _ := filepath.Glob(device) // a pattern that is none fits nothing
		if len(fits) != 1 {
			f.Verdict, f.Found = Fault, say("%d port cocok dengan %s", "%d ports fit %s", len(fits), device)
			f.Do = say("sebut satu: ls -l /dev/serial/by-id", "name the one: ls -l /dev/serial/by-id")
			return f
		}
		device = fits[0]
	}
	info, err := os.Stat(device)
	if err != nil {
		f.Verdict, f.Found = Fault, say("%s tidak ada", "%s is not there", device)
		f.Do = say("colokkan adaptornya, periksa kabelnya, lalu ls -l /dev/serial/by-id", "plug the adapter in, check its cable, then ls -l /dev/serial/by-id")
		return f
	}
	if info.Mode()&os.ModeCharDevice == 0 {
		f.Verdict, f.Found = Fault, say("%s bukan port serial", "%s is no serial port", device)
		f.Do = say("sebut portnya: ls -l /dev/serial/by-id", "name the port: ls -l /dev/serial/by-id")
		return f
	}
	if !s.Account.may(info, mayRead|mayWrite) {
		group := groupOf(info)
		f.Verdict, f.Found = Fault, say("%s: pengguna %s tidak boleh membukanya (grup %s)", "%s: user %s may not open it (group %s)", device, s.Account.Name, group)
		f.Do = say("adduser %s %s, lalu systemctl restart htgateway", "adduser %s %s, then systemctl restart htgateway", s.Account.Name, group)
		return f
	}
	holders := serialport.Holders(device)
	others := slices.DeleteFunc(slices.Clone(holders), func(h string) bool { return strings.HasPrefix(h, "htgateway ") })
	switch {
	case len(others) > 0:
		f.Verdict, f.Found = Fault, say("%s dipakai oleh %s", "%s is in use by %s", device, strings.Join(others, ", "))
		f.Do = say("hentikan program itu: dua program di satu port saling mencuri data", "stop that program: two on one port steal each other's bytes")
	case len(holders) > 0:
		f.Found = say("%s dipakai oleh gateway: %s", "%s is in use by the gateway: %s", device, holders[0])
	case s.running:
		f.Verdict, f.Found = Warning, say("%s ada, tetapi gateway yang berjalan tidak membukanya", "%s is there, but the gateway that runs has not opened it", device)
		f.Do = say("lihat panel link (L) atau journalctl -u htgateway", "see the panel of links (L), or journalctl -u htgateway")
	default:
		f.Found = say("%s ada dan boleh dibuka oleh %s", "%s is there and %s may open it", device, s.Account.Name)
	}
	return f
}

// tcpLinks calls at each serial server or TNC, unless the gateway is there already:
// many take one caller only.
func (s *Site) tcpLinks(ctx context.Context) []Finding {
	var out []Finding
	for _, l := range s.c.Links {
		if l.Kind != "tcp" {
			continue
		}
		f := Finding{Area: "port", Subject: l.ID, Verdict: Good}
		if s.running {
			f.Verdict, f.Found = Unknown, say("%s: tidak dihubungi selama gateway memakainya", "%s: not called while the gateway uses it", l.Address)
			f.Do = say("lihat panel link (L)", "see the panel of links (L)")
		} else if c, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.Address); err != nil {
			f.Verdict, f.Found = Fault, say("tidak terhubung: %v", "cannot be reached: %v", err)
			f.Do = say("periksa daya, jaringan dan alamat perangkat itu", "check that device's power, network and address")
		} else {
			_ = c.Close()
			f.Found = say("%s menjawab", "%s answers", l.Address)
		}
		out = append(out, f)
	}
	return out
}
