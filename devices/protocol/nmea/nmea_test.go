package nmea_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/devices/protocol/nmea"
	"htgateway/geo"
)

func sentence(body string) string {
	var sum byte
	for i := range len(body) {
		sum ^= body[i]
	}
	return fmt.Sprintf("$%s*%02X", body, sum)
}

func TestSentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body string
		device     devices.Identity
		lat        float64
		noLock     bool
		at         time.Time
	}{
		{"RMC", "GNRMC,100538.25,A,0650.1840,S,10813.6740,E,0.061,,231126,,,A", "", -6.8364, false, time.Date(2026, 11, 23, 10, 5, 38, 250e6, time.UTC)},
		{"RMC of the last century", "GPRMC,220516,A,0650.1840,S,10813.6740,E,173.8,231.8,130694,004.2,W", "", -6.8364, false, time.Date(1994, 6, 13, 22, 5, 16, 0, time.UTC)},
		{"RMC without lock", "GPRMC,220516,V,0650.1840,S,10813.6740,E,,,130626,,", "", -6.8364, true, time.Date(2026, 6, 13, 22, 5, 16, 0, time.UTC)},
		{"GGA", "BDGGA,203415.000,0650.1840,S,10813.6740,E,1,8,2.42,72.5,M,41.5,M,,", "", -6.8364, false, time.Time{}},
		{"GLL", "IIGLL,0650.1840,S,10813.6740,E,062216,A", "", -6.8364, false, time.Time{}},
		{"waypoint, V is good, its clock is not believed", "PKWDWPL,102921,V,0650.1840,S,10813.6740,E,,,290625,,YB1ZZZ-10,/r", "aprs:YB1ZZZ-10", -6.8364, false, time.Time{}},
		{"waypoint of ten fields", "PKWDWPL,102921,V,0650.1840,S,10813.6740,E,,,YB1ZZZ-10,/r", "aprs:YB1ZZZ-10", -6.8364, false, time.Time{}},
		{"waypoint with a phone's symbol", "PKWDWPL,102921,V,0650.1840,S,10813.6740,E,,,290625,,YB1ZZZ,/$", "aprs:YB1ZZZ", -6.8364, false, time.Time{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var d nmea.Decoder
			frames := d.Feed([]byte(sentence(c.body)+"\r\n"), time.Time{})
			if len(frames) != 1 || frames[0].Err != nil {
				t.Fatalf("%+v", frames)
			}
			r := frames[0].Report
			if r.Device != c.device || r.Fix == nil || r.Fix.Point[1] < c.lat-1e-6 || r.Fix.Point[1] > c.lat+1e-6 || r.Fix.NoLock != c.noLock || !r.DeviceTime.Equal(c.at) {
				t.Fatalf("%+v %+v", r, r.Fix)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line string
		want error
	}{
		{"$GPRMC,220516,A,0650.1840,S*00", nmea.ErrChecksum},
		{"$GPRMC,220516,A,0650.1840,S", nmea.ErrNoChecksum},
		{"GPRMC", nmea.ErrNotSentence},
		{sentence("GPRMC,220516,A,,,,,,,130626,,"), nmea.ErrNoPosition},
		{sentence("GPRMC,220516,A,0660.0,S,10813.6740,E,,,130626,,"), nmea.ErrField},
		{sentence("GPRMC,220516,A,0650.1840,S,10813.6740,E,fast,,130626,,"), nmea.ErrField},
		{sentence("GPRMC,996016,A,0650.1840,S,10813.6740,E,,,130626,,"), nmea.ErrField},
		{sentence("GPGLL,0000.0000,N,00000.0000,E,062216,A"), geo.ErrNullIsland},
		{sentence("PKWDWPL,102921,V,0650.1840,S,10813.6740,E,,,290625,,,/r"), nmea.ErrField},
	} {
		if r, err := nmea.Decode([]byte(c.line)); !errors.Is(err, c.want) {
			t.Errorf("%q: %+v, %v", c.line, r, err)
		}
	}
}

func TestCutOffSentenceCostsOnlyItself(t *testing.T) {
	t.Parallel()
	var d nmea.Decoder
	good := sentence("GPGLL,0650.1840,S,10813.6740,E,062216,A")
	frames := d.Feed([]byte("$GPRMC,2205"+good+"\r\n"), time.Time{})
	if len(frames) != 2 || frames[0].Err == nil || frames[1].Err != nil {
		t.Fatalf("%+v", frames)
	}
}

func FuzzFeed(f *testing.F) {
	f.Add([]byte(sentence("GPGLL,0650.1840,S,10813.6740,E,062216,A")+"\r\nnoise$GP"), 7)
	for _, input := range devicestest.Corpus(f) {
		f.Add(input, 7)
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		var d nmea.Decoder
		cut = min(max(cut, 0), len(stream))
		for _, fr := range slices.Concat(d.Feed(stream[:cut], time.Time{}), d.Feed(stream[cut:], time.Time{}), d.Flush(time.Time{})) {
			if len(fr.Raw) > nmea.MaxSentence+1 {
				t.Fatalf("a line of %d bytes was kept", len(fr.Raw))
			}
			if fr.Report.Fix != nil && (fr.Err != nil || geo.CheckPoint(fr.Report.Fix.Point) != nil) {
				t.Fatalf("%+v", fr)
			}
		}
	})
}

func Example() {
	var d nmea.Decoder
	for _, f := range d.Feed([]byte("$GNRMC,100538.00,A,5546.27711,N,03736.91144,E,0.061,,260318,,,A*60\r\n"), time.Time{}) {
		fmt.Printf("%.5f %.5f %s\n", f.Report.Fix.Point[1], f.Report.Fix.Point[0], f.Report.DeviceTime.Format(time.RFC3339))
	}
	// Output: 55.77129 37.61519 2018-03-26T10:05:38Z
}
