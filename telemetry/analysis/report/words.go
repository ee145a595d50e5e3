package report

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"htgateway/gateway/incident/sop"
	"htgateway/telemetry/analysis"
)

// word is one term in both languages of the office.
type word struct{ ID, EN string }

func (w word) String() string { return w.ID + " / " + w.EN }

var intervalWords = map[sop.IntervalName]word{
	sop.CallProcessing:                  {"Pemrosesan panggilan", "Call processing"},
	sop.Turnout:                         {"Persiapan berangkat", "Turnout"},
	sop.Travel:                          {"Perjalanan", "Travel"},
	sop.Response:                        {"Waktu tanggap", "Response"},
	sop.OnSceneTime:                     {"Penanganan di lokasi", "On scene"},
	sop.Total:                           {"Total", "Total"},
	sop.IntervalName(sop.OnSceneUpdate): {"SOP 9: kabar saat tiba", "SOP 9: on-scene update"},
	sop.IntervalName(sop.ProgressUpdate): {
		"SOP 10: kabar penanganan", "SOP 10: progress update"},
	sop.IntervalName(sop.Monitoring): {"SOP 11: pemantauan status", "SOP 11: monitoring"},
	sop.IntervalName(sop.Closing):    {"SOP 13: penutupan", "SOP 13: closing"},
	sop.IntervalName(sop.WholeFlow):  {"SOP: seluruh alur", "SOP: whole flow"},
}

// meaningsID say in Indonesian what the definitions say in English.
var meaningsID = map[sop.IntervalName]string{
	sop.CallProcessing:                   "panggilan diterima → unit pertama ditugaskan",
	sop.Turnout:                          "unit ditugaskan → unit berangkat",
	sop.Travel:                           "unit berangkat → unit tiba di lokasi",
	sop.Response:                         "panggilan diterima → unit tiba di lokasi",
	sop.OnSceneTime:                      "unit tiba di lokasi → unit selesai",
	sop.Total:                            "panggilan diterima → kejadian ditutup",
	sop.IntervalName(sop.OnSceneUpdate):  "unit ditugaskan → laporan pertama unit di lokasi",
	sop.IntervalName(sop.ProgressUpdate): "laporan tiba atau penanganan → laporan berikutnya atau selesai",
	sop.IntervalName(sop.Monitoring):     "penugasan pertama atau pemantauan → pemantauan berikutnya atau penutupan",
	sop.IntervalName(sop.Closing):        "unit terakhir selesai → kejadian ditutup",
	sop.IntervalName(sop.WholeFlow):      "panggilan diterima → kejadian ditutup",
}

// meaning says what an interval is, in both languages.
func meaning(f analysis.Figures, name sop.IntervalName) word {
	for _, d := range f.Definitions {
		if d.Interval == name {
			return word{meaningsID[name], d.Starts + " → " + d.Ends}
		}
	}
	return word{}
}

var groupingWords = map[analysis.By]word{
	analysis.ByNothing:  {"Semua", "All"},
	analysis.ByCategory: {"Kategori", "Category"},
	analysis.ByAgency:   {"Instansi", "Agency"},
	analysis.ByUnit:     {"Unit", "Unit"},
	analysis.ByDistrict: {"Kecamatan", "District"},
	analysis.ByHour:     {"Jam panggilan", "Hour of call"},
	analysis.ByWeekday:  {"Hari panggilan", "Weekday of call"},
	analysis.ByMonth:    {"Bulan panggilan", "Month of call"},
	analysis.ByDay:      {"Tanggal panggilan", "Day of call"},
	analysis.ByWeek:     {"Pekan panggilan (Senin)", "Week of call (Monday)"},
}

var reasonWords = map[analysis.Reason]word{
	analysis.NoStart:       {"awal tidak tercatat", "start not recorded"},
	analysis.NoEnd:         {"akhir tidak tercatat", "end not recorded"},
	analysis.TakenOff:      {"unit ditarik", "unit taken off"},
	analysis.StillOpen:     {"belum selesai", "still open"},
	analysis.ClockUnsure:   {"jam perangkat meragukan", "clock unsure"},
	analysis.Corrected:     {"nilai lama, dikoreksi", "old value, corrected"},
	analysis.Contradictory: {"waktu bertentangan", "contradictory times"},
}

var weekdayWords = map[string]string{
	"Monday": "Senin", "Tuesday": "Selasa", "Wednesday": "Rabu", "Thursday": "Kamis",
	"Friday": "Jumat", "Saturday": "Sabtu", "Sunday": "Minggu",
}

func intervalWord(name sop.IntervalName) word {
	if w, known := intervalWords[name]; known {
		return w
	}
	return word{string(name), string(name)}
}

// groupLabel is a group as people read it. A name from another system may hold
// what steers a terminal or has no place in a page.
func groupLabel(by analysis.By, group string, categories []sop.Category) string {
	return printable(groupName(by, group, categories))
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '·'
		}
		return r
	}, s)
}

func groupName(by analysis.By, group string, categories []sop.Category) string {
	switch {
	case by == analysis.ByNothing:
		return groupingWords[by].String()
	case group == "" && (by == analysis.ByAgency || by == analysis.ByUnit):
		return "seluruh kejadian / whole incident"
	case group == "":
		return "tidak diketahui / unknown"
	case by == analysis.ByHour:
		return group + ":00–" + group + ":59"
	case by == analysis.ByWeekday && weekdayWords[group] != "":
		return weekdayWords[group] + " / " + group
	case by == analysis.ByCategory:
		for _, c := range categories {
			if c.Key == group {
				return c.Indonesian + " / " + c.English
			}
		}
	}
	return group
}

// span writes seconds as people say them: 8:05, 1:02:10.
func span(seconds *float64) string {
	if seconds == nil {
		return "–"
	}
	s := int64(math.Round(*seconds))
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// bounded marks a figure that intervals which still run may raise.
func bounded(seconds *float64, atLeast bool) string {
	if atLeast {
		return "≥" + span(seconds)
	}
	return span(seconds)
}

// numbers writes how many incidents there are, and how many are in no figure.
func numbers(incidents, open, duplicates, cancelled int) string {
	return fmt.Sprintf("%d kejadian / incidents, %d belum ditutup / open, %d duplikat / duplicates, %d dibatalkan / cancelled", incidents, open, duplicates, cancelled)
}

// openOver writes how many of a row's values no report has ended, empty for none.
func openOver(row analysis.Row) string {
	var out []string
	if row.OpenOver > 0 {
		out = append(out, fmt.Sprintf("(%d open, over)", row.OpenOver))
	}
	if row.Unreported > 0 {
		out = append(out, fmt.Sprintf("(%d never reported)", row.Unreported))
	}
	return strings.Join(out, " ")
}

func percent(share *float64) string {
	if share == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", *share*100)
}

// targets writes the targets that a row was judged by.
func targets(row analysis.Row) string {
	if len(row.TargetsS) == 0 {
		return "–"
	}
	out := make([]string, len(row.TargetsS))
	for i := range row.TargetsS {
		out[i] = span(&row.TargetsS[i])
	}
	return strings.Join(out, ", ")
}

// leftOut writes how many are left out and why.
func leftOut(row analysis.Row, name func(analysis.Reason) string) string {
	var out []string
	for _, r := range analysis.Reasons() {
		if n := row.LeftOut[r]; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, name(r)))
		}
	}
	return strings.Join(out, ", ")
}

func english(r analysis.Reason) string { return reasonWords[r].EN }
func both(r analysis.Reason) string    { return reasonWords[r].String() }

// period writes the period of the calls, in local time.
func period(f analysis.Figures, zone *time.Location) string {
	const layout = "2006-01-02 15:04"
	edge := func(t time.Time, open string) string {
		if t.IsZero() {
			return open
		}
		return t.In(zone).Format(layout)
	}
	return edge(f.From, "…") + " – " + edge(f.To, "…") + " " + f.Zone
}
