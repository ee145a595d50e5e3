package incident

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Who called is sought in other texts as a whole, by each telephone number, and by each
// word that may be a name. A shorter one would be found where nobody is named.
const (
	shortestName   = 3 // of the whole, in bytes
	shortestWord   = 3 // of a word, in letters
	shortestNumber = 6 // of a number, in digits
)

// noNames are words of a caller field that name nobody: forms of address, offices, and
// what stands in addresses.
var noNames = strings.Fields(`
	bu ibu pak bapak bpk sdr sdri saudara saudari mas mbak mba kang kak abang bang teh teteh neng nona tuan nyonya ny tn haji hajah ust ustadz
	mr mrs ms miss dr drg ir
	pelapor penelepon warga masyarakat tetangga korban saksi keluarga anak istri suami orang anonim anonymous caller unknown tidak dikenal tanpa nama
	ketua kepala lurah camat kades desa kelurahan kecamatan polisi polsek polres petugas anggota perawat dokter bidan puskesmas rumah sakit rsud klinik
	dihapus erased satpam security sekolah guru kantor toko pos damkar psc bpbd tni koramil
	jalan jln gang blok kampung dusun dan dari yang untuk dengan the and from rt rw hp telp telepon nomor`)

// WithoutCallers replaces callers in a text by [Erased]: a caller as a whole, each
// telephone number however it is spaced and with 0 or 62 in front, and each word that may
// be a name, in any case. Forms of address and offices ("Bu", "ketua") stay.
func WithoutCallers(text string, callers []string) string {
	if text == "" {
		return text
	}
	for _, caller := range callers {
		text = soughtOf(caller).replace(text)
	}
	return text
}

// NamesCaller tells whether a text holds a caller, a number or a name of one.
func NamesCaller(text string, callers []string) bool { return WithoutCallers(text, callers) != text }

// sought is how one caller is found in texts.
type sought struct {
	// whole is the caller as it was written, empty when that is too short.
	whole string
	// parts finds numbers and names, nil when there are none.
	parts *regexp.Regexp
}

// keptSought are those of the callers that were looked for last: the same are sought in
// very many texts.
var keptSought struct {
	sync.Mutex
	of map[string]sought
}

// mostSought bounds them.
const mostSought = 256

func soughtOf(caller string) sought {
	keptSought.Lock()
	defer keptSought.Unlock()
	s, known := keptSought.of[caller]
	if !known {
		s = newSought(caller)
		if keptSought.of == nil || len(keptSought.of) >= mostSought {
			keptSought.of = map[string]sought{}
		}
		keptSought.of[caller] = s
	}
	return s
}

// spacing is what may stand between the digits of a number.
const spacing = `[ .()/-]{0,2}`

var numberIn = regexp.MustCompile(`\+?\(?\d(?:` + spacing + `\d)*`)

func newSought(caller string) sought {
	var s sought
	if len(caller) >= shortestName {
		s.whole = caller
	}
	var parts []string
	for _, number := range numberIn.FindAllString(caller, -1) {
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, number)
		if len(digits) < shortestNumber {
			continue
		}
		if own, is := strings.CutPrefix(digits, "62"); is {
			digits = own
		} else {
			digits = strings.TrimLeft(digits, "0")
		}
		parts = append(parts, `(?:\+?62`+spacing+`|0)?`+strings.Join(strings.Split(digits, ""), spacing))
	}
	words := strings.FieldsFunc(caller, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
	for _, word := range words {
		word = strings.Trim(word, "'")
		if utf8.RuneCountInString(word) >= shortestWord && !slices.Contains(noNames, strings.ToLower(word)) {
			parts = append(parts, regexp.QuoteMeta(word)+`(?:nya)?`)
		}
	}
	if len(parts) > 0 {
		// Longer ones first: a name that holds another one is found whole.
		slices.SortStableFunc(parts, func(a, b string) int { return len(b) - len(a) })
		s.parts = regexp.MustCompile(`(?i)` + strings.Join(parts, "|"))
	}
	return s
}

func (s sought) replace(text string) string {
	if s.whole != "" {
		text = strings.ReplaceAll(text, s.whole, Erased)
	}
	if s.parts == nil {
		return text
	}
	found := s.parts.FindAllStringIndex(text, -1)
	if found == nil {
		return text
	}
	var out strings.Builder
	done := 0
	for _, at := range found {
		if inWord(text, at[0], at[1]) {
			continue
		}
		out.WriteString(text[done:at[0]])
		out.WriteString(Erased)
		done = at[1]
	}
	out.WriteString(text[done:])
	return out.String()
}

// inWord tells whether what stands at a place is only part of a longer word or number.
func inWord(text string, from, to int) bool {
	first, _ := utf8.DecodeRuneInString(text[from:])
	last, _ := utf8.DecodeLastRuneInString(text[:to])
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	same := func(a, b rune) bool {
		return unicode.IsLetter(a) && unicode.IsLetter(b) || unicode.IsDigit(a) && unicode.IsDigit(b)
	}
	return same(before, first) || same(last, after)
}
