package devices

import (
	"maps"
	"strconv"
	"strings"
)

// Codebook says what each family's status codes mean. The family is the part of
// an [Identity] before the colon. The outer key "text" holds the key words that
// may open a message. Codes are compared without leading zeros.
type Codebook map[string]map[string]Status

// textFamily is the codebook's entry for words that open a message.
const textFamily = "text"

// DefaultCodebook is the table that radios are programmed with when nobody says
// otherwise: 1 to 9 and 0 on every family, FleetSync's 11 to 19 and 10 because
// its statuses have two digits, APRS Mic-E messages, and Indonesian key words.
// An empty meaning marks a code that is no press (the radio's own default for a
// position report). Source: firmware-notes/protocols.md section 6.
func DefaultCodebook() Codebook {
	keys := []Status{
		StatusEmergency, StatusAcknowledged, StatusEnRoute, StatusOnScene, StatusInProgress,
		StatusNeedsAssistance, StatusCompleted, StatusReturning, StatusAvailable, StatusOutOfService,
	}
	plain := func(offset int) map[string]Status {
		table := make(map[string]Status, len(keys))
		for digit, status := range keys {
			table[strconv.Itoa(offset+digit)] = status
		}
		return table
	}
	fleetsync := plain(10)
	maps.Copy(fleetsync, fleetSyncReserved())
	nexedge := plain(0)
	maps.Copy(nexedge, plain(10))
	nexedge["207"] = "" // $PKNDS sent for its position
	tetra := plain(0x8000)
	tetra["0"] = StatusEmergency
	return Codebook{
		"fleetsync":  fleetsync,
		"nexedge":    nexedge,
		"tetra":      tetra,
		"meshtastic": plain(0),
		"aprs": {
			"off duty": "", // Mic-E's factory default
			"en route": StatusEnRoute, "committed": StatusOnScene, "in service": StatusInProgress,
			"special": StatusCompleted, "returning": StatusReturning,
			"priority": StatusNeedsAssistance, "emergency": StatusEmergency,
		},
		textFamily: {
			"OTW": StatusEnRoute, "TIBA": StatusOnScene, "PROSES": StatusInProgress,
			"BANTU": StatusNeedsAssistance, "SELESAI": StatusCompleted, "KEMBALI": StatusReturning,
			"#0": StatusEmergency, "#1": StatusAcknowledged, "#2": StatusEnRoute, "#3": StatusOnScene,
			"#4": StatusInProgress, "#5": StatusNeedsAssistance, "#6": StatusCompleted,
			"#7": StatusReturning, "#8": StatusAvailable, "#9": StatusOutOfService,
		},
	}
}

// fleetSyncReserved are the statuses that the radios use themselves: 80 is the
// default and marks a position report, 88 ends an emergency, 89 sounds the horn, 90
// to 94 disable a radio or tell that it is, 95 to 99 are emergencies, 98 man-down.
// Only the last are acts of a crew. Source: Kenwood TK-2170 function reference 1.01,
// table 20-8.
func fleetSyncReserved() map[string]Status {
	return map[string]Status{
		"80": "", "88": "", "89": "", "90": "", "91": "", "92": "", "93": "", "94": "",
		"95": StatusEmergency, "96": StatusEmergency, "97": StatusEmergency, "98": StatusEmergency, "99": StatusEmergency,
	}
}

// Remark is what a radio's own status code says beside its meaning, in Indonesian
// and English; empty for codes that crews press.
func (r *Report) Remark() string {
	if r.Device.Family() != "fleetsync" {
		return ""
	}
	return map[string]string{
		"88": "radio keluar dari mode darurat / the radio left its emergency mode",
		"90": "radio dimatikan jarak jauh / stunned", "91": "radio dimatikan jarak jauh / stunned", "92": "radio dihidupkan lagi / stun ended",
		"93": "radio sedang dimatikan / is stunned", "94": "radio sedang dimatikan / is stunned",
		"98": "orang jatuh / man down",
	}[r.StatusCode]
}

// With returns a codebook in which the entries of more replace or join b's own.
func (b Codebook) With(more Codebook) Codebook {
	out := make(Codebook, len(b)+len(more))
	for family, table := range b {
		out[family] = maps.Clone(table)
	}
	for family, table := range more {
		if out[family] == nil {
			out[family] = make(map[string]Status, len(table))
		}
		maps.Copy(out[family], table)
	}
	return out
}

// Family is the part of the identity before the colon.
func (id Identity) Family() string {
	family, _, _ := strings.Cut(string(id), ":")
	return family
}

// Interpret sets r.Status from its code or from the key word that opens its
// text, and the emergency flag from the status. A status that the decoder has
// already set stands. A code that no table holds becomes [StatusOther].
func (b Codebook) Interpret(r *Report) {
	if r.Status == "" && r.StatusCode != "" {
		r.Status = b.meaning(r.Device.Family(), r.StatusCode)
	}
	if r.Status == "" && r.StatusCode == "" && r.Text != "" {
		word, _, _ := strings.Cut(strings.TrimSpace(r.Text), " ")
		r.Status = b[textFamily][strings.ToUpper(strings.TrimRight(word, ".,!:;"))]
	}
	if r.Status == StatusEmergency {
		r.Emergency = true
	}
}

func (b Codebook) meaning(family, code string) Status {
	table := b[family]
	trimmed := strings.TrimLeft(code, "0")
	if trimmed == "" {
		trimmed = "0"
	}
	for _, c := range []string{code, trimmed} {
		if status, mapped := table[c]; mapped {
			return status
		}
	}
	return StatusOther
}
