package record

import (
	"fmt"
	"math"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

var stageWords = map[incident.MilestoneName]string{
	incident.Received:     "Panggilan diterima",
	incident.Dispatched:   "Unit ditugaskan",
	incident.Acknowledged: "Tugas diterima unit",
	incident.EnRoute:      "Menuju lokasi",
	incident.OnScene:      "Tiba di lokasi",
	incident.InProgress:   "Informasi kondisi lapangan",
	incident.Completed:    "Penanganan selesai",
	incident.Closed:       "Insiden ditutup",
	incident.Cancelled:    "Insiden dibatalkan",
	incident.Merged:       "Insiden digabung",
}

var evidenceWords = map[incident.Evidence]string{
	incident.ByKey:        "tombol status",
	incident.ByGeofence:   "posisi GPS",
	incident.ByDispatcher: "dispatcher",
	incident.ByCAD:        "CAD",
}

var verdictWords = map[string]string{
	incident.Confirmed: "terkonfirmasi: tombol dan GPS sesuai",
	incident.KeyOnly:   "hanya tombol, tanpa bukti GPS",
	incident.GPSOnly:   "hanya GPS, tombol tidak ditekan",
	incident.Conflict:  "bertentangan: tombol ditekan jauh dari lokasi",
	incident.Corrected: "waktu ditetapkan dispatcher",
	"":                 "ditetapkan dispatcher",
}

var clockWords = map[sop.ClockName]string{
	sop.OnSceneUpdate:  "SOP 9: informasi saat sampai ke lokasi",
	sop.ProgressUpdate: "SOP 10: informasi kondisi lapangan",
	sop.Monitoring:     "SOP 11: pemantauan status insiden",
	sop.Closing:        "SOP 13: penutupan",
	sop.WholeFlow:      "SOP: seluruh alur",
}

var statusWords = map[devices.Status]string{
	devices.StatusAvailable: "siap", devices.StatusAcknowledged: "tugas diterima", devices.StatusEnRoute: "menuju lokasi",
	devices.StatusOnScene: "tiba di lokasi", devices.StatusInProgress: "dalam penanganan", devices.StatusNeedsAssistance: "minta bantuan",
	devices.StatusCompleted: "selesai", devices.StatusReturning: "kembali", devices.StatusOutOfService: "tidak bertugas",
	devices.StatusEmergency: "darurat", devices.StatusOther: "kode belum dipetakan",
}

var stateWords = map[string]string{
	"received": "diterima", "dispatched": "ditugaskan", "acknowledged": "tugas diterima", "en_route": "menuju lokasi",
	"on_scene": "di lokasi", "in_progress": "dalam penanganan", "completed": "penanganan selesai", "closed": "ditutup", "cancelled": "dibatalkan",
}

var deliveryWords = map[string]string{
	journal.DeliveryQueued: "menunggu dikirim", journal.DeliverySent: "dikirim", journal.DeliveryDelivered: "diterima radio",
	journal.DeliveryFailed: "gagal", journal.DeliveryExpired: "kedaluwarsa",
}

var assuranceWords = map[devices.Assurance]string{
	"": "klaim", devices.AssuranceClaimed: "klaim", devices.AssuranceNetwork: "jaringan", devices.AssuranceAuthenticated: "perangkat terautentikasi",
}

// endWords are what ended a clock without the report that it waited for.
var endWords = map[sop.Cut]string{
	sop.CutReleased: "unit dilepas", sop.CutMoved: "unit dialihkan", sop.CutClosed: "insiden ditutup", sop.CutCancelled: "insiden dibatalkan",
}

// reasonWords are what the tracker gives as reasons of its own; a dispatcher's
// stand in the dispatcher's words.
var reasonWords = map[string]string{
	"fixes prove an earlier arrival": "fix GPS membuktikan kedatangan lebih awal",
	"call of a duplicate":            "panggilan insiden duplikat",
	"late report":                    "laporan datang terlambat",
	"":                               "laporan datang terlambat",
}

// or looks a word up; a name that is not known stands for itself.
func or[K ~string](words map[K]string, key K) string {
	if w, known := words[key]; known {
		return w
	}
	return string(key)
}

// span is a length of time as an office writes it: "1 jam 05 mnt 09 dtk".
func span(seconds float64) string {
	s := int64(math.Round(math.Abs(seconds)))
	switch {
	case s >= 3600:
		return fmt.Sprintf("%d jam %02d mnt %02d dtk", s/3600, s/60%60, s%60)
	case s >= 60:
		return fmt.Sprintf("%d mnt %02d dtk", s/60, s%60)
	}
	return fmt.Sprintf("%d dtk", s)
}

var months = [...]string{"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"}

var days = [...]string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}

// date is "Selasa, 24 November 2026".
func (s *Sheet) date(t time.Time) string {
	t = t.In(s.Zone)
	return fmt.Sprintf("%s, %d %s %d", days[t.Weekday()], t.Day(), months[t.Month()-1], t.Year())
}

// clockTime is the time of day to the second, with the date when it is another day
// than that of the call; a dash when it did not happen.
func (s *Sheet) clockTime(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	text := t.In(s.Zone).Format("15:04:05")
	if t.In(s.Zone).Format(time.DateOnly) != s.Incident.ReceivedAt.In(s.Zone).Format(time.DateOnly) {
		text = t.In(s.Zone).Format("02-01 ") + text
	}
	return text
}

// full is date, time and zone.
func (s *Sheet) full(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return s.date(t) + " pukul " + t.In(s.Zone).Format("15:04:05") + " " + s.zone()
}

func (s *Sheet) zone() string {
	name, _ := s.MadeAt.In(s.Zone).Zone()
	return name
}

func (p *Spot) String() string {
	if p == nil {
		return "–"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%.5f, %.5f", p.Lat, p.Lon)
	if p.FromSceneM != nil {
		fmt.Fprintf(&b, " (%s dari lokasi)", metres(*p.FromSceneM))
	}
	switch {
	case p.AgeS > 0 && p.After:
		fmt.Fprintf(&b, ", fix %s sesudahnya", span(p.AgeS))
	case p.AgeS > 0:
		fmt.Fprintf(&b, ", fix %s sebelumnya", span(p.AgeS))
	}
	return b.String()
}

func metres(m float64) string {
	if m >= 1000 {
		return strings.Replace(fmt.Sprintf("%.1f km", m/1000), ".", ",", 1)
	}
	return fmt.Sprintf("%.0f m", m)
}
