package alarm

import (
	"strconv"
	"strings"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

// waited says what a clock waits for.
var waited = map[sop.ClockName]struct{ id, en string }{
	sop.OnSceneUpdate:  {"laporan tiba di lokasi", "the on-scene report"},
	sop.ProgressUpdate: {"laporan kondisi lapangan", "a progress report"},
	sop.Monitoring:     {"pemantauan status insiden", "the review of the incident"},
	sop.Closing:        {"penutupan insiden", "the closing of the incident"},
	sop.WholeFlow:      {"seluruh alur", "the whole flow"},
}

// describe puts an alarm into words, Indonesian and English.
func describe(a journal.Alarm) (id, en string) {
	what := waited[sop.ClockName(a.Clock)]
	limit := time.Duration(a.LimitS * float64(time.Second))
	minutes := strconv.FormatFloat(limit.Minutes(), 'f', -1, 64)
	stem := a.Late + ": " + what.id
	stemEN := a.Late + ": " + what.en
	switch {
	case a.State == journal.AlarmWithdrawn:
		return stem + ", alarm ditarik karena koreksi atau penggabungan", stemEN + ", alarm withdrawn by a correction or a merger"
	case a.State == journal.AlarmAnswered:
		took, tookEN := lasting(a.StoppedAt.Sub(a.StartedAt))
		return stem + " masuk setelah " + took + " (batas " + minutes + " menit)", stemEN + " came after " + tookEN + " (limit " + minutes + " min)"
	case a.Kind == journal.AlarmBreach || a.State == journal.AlarmBreached:
		return stem + " melewati batas " + minutes + " menit", stemEN + " is past its limit of " + minutes + " min"
	}
	left, leftEN := lasting(a.DueAt.Sub(a.At))
	return stem + " belum ada, sisa " + left + " dari " + minutes + " menit", stemEN + " is missing, " + leftEN + " left of " + minutes + " min"
}

// lasting is a length of time to the second, as people say it: "1 jam 5 menit".
func lasting(d time.Duration) (id, en string) {
	d = d.Round(time.Second)
	var partsID, partsEN []string
	for _, unit := range []struct {
		n      int64
		id, en string
	}{{int64(d / time.Hour), "jam", "h"}, {int64(d / time.Minute % 60), "menit", "min"}, {int64(d / time.Second % 60), "detik", "s"}} {
		if unit.n != 0 || unit.en == "s" && len(partsID) == 0 {
			n := strconv.FormatInt(unit.n, 10)
			partsID, partsEN = append(partsID, n+" "+unit.id), append(partsEN, n+" "+unit.en)
		}
	}
	return strings.Join(partsID, " "), strings.Join(partsEN, " ")
}

// spoken is the text for a unit's radio: "{call_sign}" stands for its call sign.
func spoken(template, callSign string) string {
	return strings.ReplaceAll(template, "{call_sign}", strings.ToUpper(callSign))
}
