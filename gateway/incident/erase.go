package incident

import (
	"slices"
	"strings"
)

// Erased stands where a caller's name or number was erased from a text.
const Erased = "[dihapus / erased]"

// CallerLabel stands before the caller in a note by which a CAD tells of a change.
const CallerLabel = "pelapor/caller"

// noteSeparator stands between the parts of such a note.
const noteSeparator = "; "

// Callers lists who called, as the acts about an incident tell: in the opening,
// and in what a CAD said later.
func Callers(acts []*Act) []string {
	var out []string
	add := func(name string) {
		if name = strings.TrimSpace(name); name != "" && name != Erased && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, a := range acts {
		if a.Opening != nil {
			add(a.Opening.Caller)
		}
		if a.Kind != ActNote || !strings.HasPrefix(a.Text, "CAD: ") {
			continue
		}
		for _, said := range strings.Split(strings.TrimPrefix(a.Text, "CAD: "), noteSeparator) {
			if name, is := strings.CutPrefix(said, CallerLabel+": "); is {
				add(name)
			}
		}
	}
	// A name that holds another one is replaced first, and whole.
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// Without returns an act that does not name the callers any more: not in its
// opening, and not in any text that holds one of their names or numbers (see
// [WithoutCallers]). The second result tells whether anything was left out.
func (a *Act) Without(callers []string) (*Act, bool) {
	return a.without(callers, func(string) string { return "" })
}

// WithoutOthers is [Act.Without] for an act about another incident of the same event: who
// called about that one stays, unless it is the same caller.
func (a *Act) WithoutOthers(callers []string) (*Act, bool) {
	return a.without(callers, func(caller string) string {
		if caller = WithoutCallers(caller, callers); strings.TrimSpace(strings.ReplaceAll(caller, Erased, "")) == "" {
			return ""
		}
		return caller
	})
}

func (a *Act) without(callers []string, caller func(string) string) (*Act, bool) {
	out := *a
	out.Request = "" // who guesses at what was said could find it by this
	out.Text, out.Reason = WithoutCallers(a.Text, callers), WithoutCallers(a.Reason, callers)
	changed := out.Text != a.Text || out.Reason != a.Reason
	if a.Opening != nil {
		o := *a.Opening
		o.Caller = caller(o.Caller)
		o.Address, o.Description = WithoutCallers(o.Address, callers), WithoutCallers(o.Description, callers)
		changed = changed || o != *a.Opening
		out.Opening = &o
	}
	if !changed {
		return a, false
	}
	return &out, true
}

// WithoutErased gives acts, in order, as they read after the last erasure of the
// caller among them: those before it name nobody.
func WithoutErased(acts []*Act) []*Act {
	last := -1
	for i, a := range acts {
		if a.Kind == ActErase {
			last = i
		}
	}
	if last < 0 {
		return acts
	}
	callers := Callers(acts[:last])
	if len(callers) == 0 {
		return acts
	}
	out := slices.Clone(acts)
	for i, a := range out[:last] {
		out[i], _ = a.Without(callers)
	}
	return out
}
