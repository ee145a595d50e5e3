package record

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"htgateway/gateway/incident/sop"
)

// view is the sheet in words, the same for page and PDF: pairs and tables of text.
type view struct {
	Heading   []string
	Title     string
	Number    string
	Facts     [][2]string
	Units     table
	Arrivals  table
	Clocks    table
	Summary   string
	Fixes     table
	Timeline  table
	Notes     table
	Frames    []frameView
	PlaceDate string
	Left      string
	Right     string
	Signer    string
	Footer    string
}

// table is a heading and rows; a row that is marked is printed strong.
type table struct {
	Head []string
	// Widths are shares of the page's width.
	Widths []float64
	Rows   []row
	// Empty is said when there is no row.
	Empty string
}

type row struct {
	Cells  []string
	Marked bool
}

type frameView struct{ Head, Heard, Hex, Text string }

func (t *table) add(marked bool, cells ...string) { t.Rows = append(t.Rows, row{cells, marked}) }

func (s *Sheet) view() view {
	in := s.Incident
	v := view{
		Title: "CATATAN KEJADIAN KEDARURATAN", Number: in.Number, Facts: s.facts(),
		Units: s.unitTable(), Arrivals: s.arrivalTable(), Clocks: s.clockTable(), Summary: s.clockSummary(),
		Fixes: s.correctionTable(), Timeline: s.timelineTable(), Frames: s.frameViews(),
		PlaceDate: strings.TrimPrefix(s.Office.City+", ", ", ") + strings.SplitN(s.date(s.MadeAt), ", ", 2)[1],
		Left:      "Petugas / Dispatcher", Right: cmp.Or(s.Office.Position, "Mengetahui"), Signer: s.Office.Signatory,
		Footer: fmt.Sprintf("Insiden %s · dibuat htgateway %s", in.Number, s.full(s.MadeAt)),
	}
	for _, line := range []string{s.Office.County, s.Office.Name, s.Office.Service, s.Office.Address} {
		if line != "" {
			v.Heading = append(v.Heading, line)
		}
	}
	return v
}

func (s *Sheet) facts() [][2]string {
	in := s.Incident
	place := "belum diketahui"
	if l := in.Location; l != nil {
		radius := l.RadiusM
		if radius == 0 {
			radius = defaultRadiusM
		}
		place = fmt.Sprintf("%.5f, %.5f (radius kedatangan %.0f m)", l.Lat, l.Lon, radius)
		if l.Vague(radius) {
			place = fmt.Sprintf("%.5f, %.5f (perkiraan ± %.0f m, belum dipastikan; kedatangan tidak dinilai dari GPS)", l.Lat, l.Lon, l.UncertaintyM)
		}
	}
	facts := [][2]string{
		{"Nomor insiden", in.Number}, {"Jenis kejadian", s.Category.Indonesian}, {"Status", or(stateWords, in.Status)},
		{"Panggilan diterima", s.full(in.ReceivedAt)}, {"Ditutup", s.full(in.ClosedAt)},
		{"Alamat", cmp.Or(in.Address, "–")}, {"Kecamatan", cmp.Or(in.District, "–")}, {"Koordinat", place},
		{"Uraian", cmp.Or(in.Description, "–")},
	}
	switch {
	case in.Caller != "":
		facts = append(facts, [2]string{"Pelapor", in.Caller})
	case s.CallerWithheld:
		facts = append(facts, [2]string{"Pelapor", "tidak dicetak (data pribadi)"})
	}
	if in.ExternalID != "" {
		facts = append(facts, [2]string{"Nomor CAD", in.ExternalID})
	}
	return facts
}

func (s *Sheet) unitTable() table {
	t := table{
		Head:   []string{"Unit", "Instansi", "Ditugaskan", "Berangkat", "Tiba", "Selesai", "Laporan"},
		Widths: []float64{18, 18, 13, 13, 13, 14, 11}, Empty: "Belum ada unit yang ditugaskan.",
	}
	for _, u := range s.Units {
		done := s.clockTime(u.Completed)
		if u.Completed.IsZero() && !u.Ended.IsZero() {
			done = "dilepas " + s.clockTime(u.Ended)
		}
		t.add(false, u.CallSign, u.Agency, s.clockTime(u.Dispatched), s.clockTime(u.EnRoute), s.clockTime(u.OnScene), done, fmt.Sprint(u.Updates))
	}
	return t
}

func (s *Sheet) arrivalTable() table {
	t := table{
		Head:   []string{"Unit", "Tiba", "Tombol", "GPS", "Selisih", "Putusan", "Keyakinan"},
		Widths: []float64{15, 10, 10, 10, 18, 24, 13}, Empty: "Tidak ada kedatangan yang tercatat.",
	}
	for _, a := range s.Arrivals {
		key, fence, gap := "–", "–", "–"
		if a.Key != nil {
			key = s.clockTime(a.Key.At)
		}
		if a.Geofence != nil {
			fence = s.clockTime(a.Geofence.At)
		}
		if a.DifferenceS != nil {
			who := "GPS lebih lambat"
			if *a.DifferenceS < 0 {
				who = "GPS lebih dahulu"
			}
			gap = span(*a.DifferenceS) + ", " + who
		}
		t.add(a.Verdict == "conflict", a.CallSign, s.clockTime(a.At), key, fence, gap, or(verdictWords, a.Verdict),
			strings.Replace(fmt.Sprintf("%.0f %%", a.Confidence*100), ".", ",", 1))
	}
	return t
}

func (s *Sheet) clockTable() table {
	t := table{
		Head:   []string{"Jam SOP", "Unit", "Mulai", "Berakhir", "Terpakai", "Batas", "Hasil"},
		Widths: []float64{25, 13, 10, 10, 12, 11, 19}, Empty: "Tidak ada jam SOP yang berjalan.",
	}
	for _, c := range s.Clocks {
		name := or(clockWords, c.Name)
		if c.Occurrence > 1 {
			name += fmt.Sprintf(" (ke-%d)", c.Occurrence)
		}
		t.add(c.State == sop.Breached || c.State == sop.Contradictory, name, cmp.Or(c.CallSign, "–"), s.clockTime(c.StartedAt), s.clockTime(c.StoppedAt),
			span(c.UsedS), span(c.LimitS), c.verdict())
	}
	return t
}

func (c Clock) verdict() string {
	switch {
	case c.State == sop.Breached && c.StoppedAt.IsZero():
		return "TERLAMPAUI " + span(c.LeftS()) + ", masih berjalan"
	case c.Ended != "":
		return "TERLAMPAUI " + span(c.LeftS()) + ", " + or(endWords, c.Ended) + " tanpa laporan"
	case c.State == sop.Breached:
		return "TERLAMPAUI " + span(c.LeftS())
	case c.State == sop.Contradictory:
		return "WAKTU BERTENTANGAN"
	case c.State == sop.Running:
		return "berjalan, sisa " + span(c.LeftS())
	}
	return "terpenuhi, sisa " + span(c.LeftS())
}

func (s *Sheet) clockSummary() string {
	met, breached, running, contradictory := 0, 0, 0, 0
	for _, c := range s.Clocks {
		switch c.State {
		case sop.Breached:
			breached++
		case sop.Met:
			met++
		case sop.Contradictory:
			contradictory++
		default:
			running++
		}
	}
	text := fmt.Sprintf("%d terpenuhi, %d terlampaui, %d masih berjalan.", met, breached, running)
	if contradictory > 0 {
		text = fmt.Sprintf("%s %d tidak dinilai: waktunya bertentangan.", text, contradictory)
	}
	if s.Reading != "" {
		text += " Batas seluruh alur: " + s.Reading + "."
	}
	return text
}

func (s *Sheet) correctionTable() table {
	t := table{
		Head:   []string{"Dikoreksi", "Tahap", "Unit", "Sebelum", "Sesudah", "Alasan", "Oleh"},
		Widths: []float64{10, 12, 12, 18, 18, 20, 10}, Empty: "Tidak ada koreksi.",
	}
	for _, c := range s.Corrections {
		after := "dicabut"
		if !c.After.IsZero() {
			after = s.clockTime(c.After) + " (" + or(evidenceWords, c.AfterBy) + ")"
		}
		t.add(false, s.clockTime(c.CorrectedAt), or(stageWords, c.Milestone), cmp.Or(c.CallSign, "–"),
			s.clockTime(c.Before)+" ("+or(evidenceWords, c.BeforeBy)+")", after, or(reasonWords, c.Reason), cmp.Or(c.By, "Gateway"))
	}
	return t
}

// lateAfterS: a line that became known later than this is marked as late.
const lateAfterS = 60

func (s *Sheet) timelineTable() table {
	t := table{
		Head:   []string{"Waktu", "Siapa", "Kejadian", "Di mana", "Dengan sarana apa", "Laporan"},
		Widths: []float64{9, 13, 26, 20, 22, 10}, Empty: "Belum ada kejadian.",
	}
	for _, l := range s.Timeline {
		what := l.What
		if l.LateS() >= lateAfterS {
			what += fmt.Sprintf(" [diketahui %s, terlambat %s]", s.clockTime(l.KnownAt), span(l.LateS()))
		}
		t.add(false, s.clockTime(l.At), cmp.Or(l.Who, "–"), what, l.Where.String(), l.Means, short(l.Report))
	}
	return t
}

// short is the beginning of a report's id, enough to find it among the frames.
func short(id string) string {
	const enough = 8
	if len(id) > enough {
		return id[:enough]
	}
	return id
}

func (s *Sheet) frameViews() []frameView {
	out := []frameView{}
	for _, f := range s.Frames {
		var heard []string
		for _, h := range f.Heard {
			one := h.Link + " " + s.clockTime(h.ReceivedAt)
			if dBm, known := h.RSSIdBm.Value(); known {
				one += fmt.Sprintf(" (%.0f dBm)", dBm)
			}
			heard = append(heard, one)
		}
		device := "tidak ada"
		if !f.DeviceTime.IsZero() {
			device = s.clockTime(f.DeviceTime)
		}
		out = append(out, frameView{
			Head:  fmt.Sprintf("%s · %s · %s (identitas: %s)", short(f.ID), f.Protocol, cmp.Or(string(f.Device), "tanpa nama"), or(assuranceWords, f.Assurance)),
			Heard: fmt.Sprintf("diterima %s; jam perangkat %s; masuk jurnal %s", strings.Join(heard, ", "), device, s.clockTime(f.JournaledAt)),
			Hex:   f.RawHex, Text: f.RawText,
		})
	}
	return out
}

// WriteJSON writes the electronic record.
func (s *Sheet) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("cannot write the electronic record: %w", err)
	}
	return nil
}
