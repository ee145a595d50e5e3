package places

import (
	"slices"
	"strings"
	"unicode"
)

// Locate finds where an address lies, as people write one: "Ds. Cigasong Kec.
// Cigasong", in capitals, with a letter wrong in a name. It returns the one place
// that the address names, or, when it may mean several, all of them and no guess;
// none when it names no place of the county.
func (g *Gazetteer) Locate(address string) []Place {
	named := g.read(address, false)
	if len(named) == 0 {
		named = g.read(address, true)
	}
	named = g.withoutCounty(named)
	places := g.settle(named)
	// A sub-district stands for everything in it.
	for _, p := range places {
		if p.whole && !slices.ContainsFunc(places, func(q Place) bool { return q.District != p.District }) {
			return []Place{p}
		}
	}
	return places
}

// hint is what a word before a name says that the name is.
type hint int

const (
	anything  hint = iota
	aVillage       // desa, kelurahan
	aDistrict      // kecamatan
)

// mention is one name in an address and what it may mean.
type mention struct {
	hint      hint
	villages  []Place
	districts []Place
}

// Words that say what the name after them is, and words after which no name of the
// gazetteer comes.
var (
	hints = map[string]hint{
		"desa": aVillage, "ds": aVillage, "kelurahan": aVillage, "kel": aVillage,
		"kecamatan": aDistrict, "kec": aDistrict,
	}
	streets  = []string{"jl", "jln", "jalan", "gg", "gang"}
	counties = []string{"kab", "kabupaten", "kota", "prov", "provinsi"}
	// Parts of a village have names of their own, which are in no gazetteer.
	parts = []string{"dusun", "dsn", "blok", "kampung", "kp", "lingkungan", "rt", "rw"}
)

// longestName is the most words that a name has.
const longestName = 3

// read finds the names in an address. Streets are named after places that they
// lead to, so their part of the address is read only when asked for.
func (g *Gazetteer) read(address string, streetsToo bool) []mention {
	var out []mention
	for _, part := range strings.FieldsFunc(strings.ToLower(address), func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		words := strings.FieldsFunc(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		says, street := anything, false
		for i := 0; i < len(words); {
			w := words[i]
			h, isHint := hints[w]
			switch {
			case isHint:
				says, street = h, false
				i++
				continue
			case slices.Contains(counties, w) || slices.Contains(parts, w):
				i += 2 // and its name
				says = anything
				continue
			case slices.Contains(streets, w):
				street = true
				i++
				continue
			}
			m, n := g.longest(words[i:], says)
			if n == 0 {
				i++
				continue
			}
			i += n
			if !street || streetsToo {
				out = append(out, m)
			}
			says = anything
		}
	}
	return out
}

// longest finds the longest name with which the words begin; letter for letter
// comes before one letter wrong.
func (g *Gazetteer) longest(words []string, says hint) (mention, int) {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, nearly} {
		for n := min(longestName, len(words)); n > 0; n-- {
			name := strings.Join(words[:n], "")
			m := mention{hint: says}
			if says != aDistrict {
				m.villages = named(g.villages, name, same)
			}
			if says != aVillage {
				m.districts = named(g.districts, name, same)
			}
			if len(m.villages)+len(m.districts) > 0 {
				return m, n
			}
		}
	}
	return mention{}, 0
}

func named(places []Place, name string, same func(a, b string) bool) []Place {
	var out []Place
	for _, p := range places {
		if same(joined(p.Name), name) {
			out = append(out, p)
		}
	}
	return out
}

// joined is a name without its spaces: people write "Sindang Wangi" and
// "Sindangwangi".
func joined(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "") }

// shortest is the least number of letters of a name in which one may be wrong: in
// shorter ones that makes another name or a common word.
const shortest = 6

// nearly tells whether two names differ in one letter: another, one more, one less,
// or two swapped.
func nearly(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) < len(y) {
		x, y = y, x
	}
	if len(y) < shortest-1 || len(x) < shortest || len(x)-len(y) > 1 {
		return false
	}
	i := 0
	for i < len(y) && x[i] == y[i] {
		i++
	}
	switch {
	case len(x) > len(y):
		return slices.Equal(x[i+1:], y[i:])
	case i == len(x):
		return true
	case slices.Equal(x[i+1:], y[i+1:]):
		return true
	}
	return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && slices.Equal(x[i+2:], y[i+2:])
}

// withoutCounty leaves out the county's own name where it stands for the county:
// beside another name.
func (g *Gazetteer) withoutCounty(named []mention) []mention {
	out := slices.DeleteFunc(slices.Clone(named), func(m mention) bool {
		return m.hint == anything && len(m.villages) == 0 && len(m.districts) == 1 && joined(m.districts[0].Name) == g.county
	})
	if len(out) == 0 {
		return named
	}
	return out
}

// settle finds what all the names together mean.
func (g *Gazetteer) settle(named []mention) []Place {
	marked := slices.ContainsFunc(named, func(m mention) bool { return m.hint == aVillage })
	var meant [][]Place
	for i, m := range named {
		if len(m.villages) == 0 || marked && m.hint != aVillage {
			continue
		}
		around := districtsOf(named, i)
		within := slices.DeleteFunc(slices.Clone(m.villages), func(v Place) bool {
			return !slices.ContainsFunc(around, func(d Place) bool { return d.District == v.District })
		})
		switch {
		case len(within) > 0:
			meant = append(meant, within)
		case len(around) == 0:
			meant = append(meant, slices.Concat(m.districts, m.villages))
		case m.hint == aVillage: // a village that does not lie where the address says
			meant = append(meant, slices.Concat(m.villages, around))
		}
	}
	if len(meant) == 0 {
		return unique(districtsOf(named, -1))
	}
	all := unique(slices.Concat(meant...))
	both := slices.DeleteFunc(slices.Clone(all), func(p Place) bool {
		return slices.ContainsFunc(meant, func(one []Place) bool { return !slices.Contains(one, p) })
	})
	if len(both) > 0 {
		return both
	}
	return all
}

// districtsOf are the sub-districts that the address names, but for one mention;
// those that it calls so where it does, else all.
func districtsOf(named []mention, but int) []Place {
	var called, maybe []Place
	for i, m := range named {
		switch {
		case i == but:
		case m.hint == aDistrict:
			called = append(called, m.districts...)
		default:
			maybe = append(maybe, m.districts...)
		}
	}
	if len(called) > 0 {
		return called
	}
	return maybe
}

func unique(places []Place) []Place {
	var out []Place
	for _, p := range places {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}
