package simulation

import "github.com/paulmach/orb"

// Radio is what a team carries.
type Radio int

// The equipment of the simulated county.
const (
	FleetSync Radio = iota // analogue Kenwood, heard by two base stations
	NEXEDGE                // digital Kenwood
	APRS                   // amateur band, heard by a KISS TNC
	TETRA                  // heard by a terminal's PEI
	Phone                  // OwnTracks, with keys typed as field JSON
)

// Team is one field team of the simulated county.
type Team struct {
	ID, CallSign, Agency string
	Radio                Radio
	// Number is the radio's own: fleet and unit for FleetSync ("102-1001"), unit
	// for NEXEDGE ("00103"), call sign for APRS, ISSI for TETRA, user for a phone.
	Number string
	// Post is where it waits, longitude first.
	Post orb.Point
	// Carried is the user of a telephone that the crew carries beside the radio, Left that
	// of one which stays at the post whatever the crew does; empty for none.
	Carried, Left string
}

// Posts of the simulated teams: centres of real sub-districts of Majalengka,
// degrees WGS 84 to a hundred metres or so.
var (
	majalengka   = orb.Point{108.2274, -6.8364}
	kadipaten    = orb.Point{108.1697, -6.7667}
	jatiwangi    = orb.Point{108.2667, -6.7333}
	kertajati    = orb.Point{108.1500, -6.6700}
	rajagaluh    = orb.Point{108.3500, -6.8167}
	talaga       = orb.Point{108.3083, -6.9833}
	maja         = orb.Point{108.3000, -6.9000}
	sumberjaya   = orb.Point{108.3400, -6.7100}
	leuwimunding = orb.Point{108.3333, -6.7667}
	cigasong     = orb.Point{108.2550, -6.8300}
)

// Teams returns the simulated county's roster: the agencies that the SOP sends,
// with the mixed equipment that counties own.
func Teams() []Team {
	return []Team{
		{"damkar-1", "DAMKAR 1", "Damkar", FleetSync, "102-1001", majalengka, "dk1", "dk1pos"},
		{"damkar-2", "DAMKAR 2", "Damkar", FleetSync, "102-1002", kadipaten, "dk2", ""},
		{"damkar-3", "DAMKAR 3", "Damkar", FleetSync, "102-1003", jatiwangi, "", "dk3pos"},
		{"psc-1", "PSC 119-1", "PSC 119", NEXEDGE, "00103", majalengka, "psc1", ""},
		{"psc-2", "PSC 119-2", "PSC 119", NEXEDGE, "00104", rajagaluh, "", ""},
		{"psc-3", "PSC 119-3", "PSC 119", Phone, "psc3", kertajati, "", "psc3pos"},
		{"psc-4", "PSC 119-4", "PSC 119", Phone, "psc4", talaga, "", ""},
		{"bpbd-1", "BPBD 1", "BPBD", FleetSync, "103-1101", majalengka, "bpbd1", "bpbd1pos"},
		{"bpbd-2", "BPBD 2", "BPBD", APRS, "YB1BPD-9", maja, "bpbd2", ""},
		{"polres-1", "POLRES 1", "Polres", TETRA, "1100301", majalengka, "pol1", "pol1pos"},
		{"polres-2", "POLRES 2", "Polres", TETRA, "1100302", sumberjaya, "", ""},
		{"polres-3", "POLRES 3", "Polres", FleetSync, "104-1201", kertajati, "", ""},
		{"satpolpp-1", "SATPOL PP 1", "Satpol PP", FleetSync, "105-1301", cigasong, "pp1", ""},
		{"satpolpp-2", "SATPOL PP 2", "Satpol PP", Phone, "pp2", leuwimunding, "", ""},
		{"dishub-1", "DISHUB 1", "Dishub", Phone, "dishub1", kadipaten, "", ""},
		{"dinsos-1", "DINSOS 1", "Dinsos", Phone, "dinsos1", majalengka, "", ""},
	}
}

// Device is the identity under which the gateway hears the team.
func (t Team) Device() string {
	switch t.Radio {
	case FleetSync:
		return "fleetsync:" + t.Number
	case NEXEDGE:
		return "nexedge:" + t.Number
	case APRS:
		return "aprs:" + t.Number
	case TETRA:
		return "tetra:" + t.Number
	default:
		return "owntracks:" + t.Number + "/phone"
	}
}

// Phones are the users of the team's telephones.
func (t Team) Phones() (users []string) {
	if t.Radio == Phone {
		users = append(users, t.Number)
	}
	for _, user := range []string{t.Carried, t.Left} {
		if user != "" {
			users = append(users, user)
		}
	}
	return users
}

// Devices are the identities of all that speaks for the team: a telephone has a second
// one for the keys that are typed on it.
func (t Team) Devices() []string {
	var out []string
	if t.Radio != Phone {
		out = append(out, t.Device())
	}
	for _, user := range t.Phones() {
		out = append(out, "owntracks:"+user+"/phone", "field:"+user)
	}
	return out
}

// spares are FleetSync radios of the store, which are given out for those that go to be
// mended.
var spares = []string{"109-1901", "109-1902"}

// agencyFor lists, for each category of the SOP, which agencies are sent.
var agencyFor = map[string][]string{
	"rescue":      {"BPBD", "Damkar"},
	"fire":        {"Damkar", "PSC 119"},
	"damage":      {"BPBD", "Dishub"},
	"health":      {"PSC 119"},
	"accident":    {"PSC 119", "Polres"},
	"crime":       {"Polres"},
	"disaster":    {"BPBD", "Satpol PP"},
	"child_abuse": {"Polres", "Dinsos"},
	"security":    {"Satpol PP", "Polres"},
	"other":       {"Dishub", "Satpol PP"},
}

// storyFor gives each category a call as a caller would put it.
var storyFor = map[string]string{
	"rescue":      "Warga terjebak di sumur sedalam delapan meter",
	"fire":        "Kebakaran rumah, api dari dapur",
	"damage":      "Pohon tumbang menutup jalan kabupaten",
	"health":      "Lansia sesak napas, perlu ambulans",
	"accident":    "Tabrakan dua sepeda motor, ada korban luka",
	"crime":       "Pencurian di toko, pelaku masih di sekitar lokasi",
	"disaster":    "Longsor kecil menutup akses kampung",
	"child_abuse": "Laporan kekerasan terhadap anak oleh tetangga",
	"security":    "Keributan antar kelompok pemuda",
	"other":       "Ular masuk rumah warga",
}
