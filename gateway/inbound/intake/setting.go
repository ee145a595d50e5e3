package intake

import (
	"slices"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// How much is remembered of devices that repeat their status, and of keys that may be
// repeated: so many devices, and so many of the newest changes or presses of each.
const (
	changingAtMost = 10_000
	runsAtMost     = 8
	pressesAtMost  = 16
)

// settings are the settings of each device's status: of Mic-E's dial or of its status
// text. A radio repeats it with every beacon; only a change is a press.
type settings struct {
	*recentMap[settingKey, *setting]
}

// settingKey is one of a device's settings: Mic-E's message, or its text.
type settingKey struct {
	device devices.Identity
	kind   devices.Kind
}

// setting is what is known of one setting: what it was when, and what was heard last.
type setting struct {
	runs []settingRun // by time
	// now is what was heard last by this gateway, whatever the times are: its clock may
	// have been set. nowAt is when, in nanoseconds.
	now   journal.ID16
	nowAt int64
	known bool
	// by is the hearing that brought what is set now, as long as it is not stored.
	by *firstHearing
}

// settingRun is a time during which only one value was heard, in nanoseconds since 1970.
type settingRun struct {
	value       journal.ID16
	first, last int64
	// by is the hearing of its first report, as long as that is not stored.
	by *firstHearing
}

func valueOf(r *devices.Report) journal.ID16 {
	return journal.Hash(r.StatusCode, strings.TrimSpace(r.Text))
}

// of returns what is known of a report's setting.
func (s settings) of(r *devices.Report) *setting {
	k := settingKey{r.Device, r.Kind}
	v, known := s.peek(k)
	if !known {
		v = new(setting)
	}
	s.use(k, v)
	return v
}

// here notes the setting of a report that this gateway received, takes the status off one
// that is no press, and says so in it. It returns the hearing that was the press then, as
// long as that is not stored: the one must not be in the journal without the other.
func (s settings) here(r *devices.Report, h *firstHearing) *firstHearing {
	if !r.Standing {
		return nil
	}
	v, value, at := s.of(r), valueOf(r), r.ReceivedAt.UnixNano()
	press := v.by
	switch {
	case !v.known:
		r.Change = devices.ChangeFirst
	case v.now == value:
		r.Change = devices.ChangeUnmoved
	default:
		r.Change, r.ChangedAfter = devices.ChangeMoved, time.Unix(0, v.nowAt).UTC()
	}
	if r.Change.NoPress() {
		repeated(r, r.Change)
	} else {
		v.by, press = h, nil
	}
	v.now, v.nowAt, v.known = value, at, true
	v.note(value, at, h)
	return stillPending(press)
}

// atSite does the same for a report that a site received at a time, by this gateway's
// clock. What the site itself took for a repetition is one. Its presses are compared
// with what was known of the device at that time from all who heard it.
func (s settings) atSite(r *devices.Report, at time.Time, h *firstHearing) *firstHearing {
	if !r.Standing {
		return nil
	}
	v, value, t := s.of(r), valueOf(r), at.UnixNano()
	var press *firstHearing
	if before := v.before(t); before != nil && before.value == value && !r.Change.NoPress() {
		// A site that heard the other setting after this one began saw the change.
		since := r.ChangedAfter.Add(at.Sub(r.ReceivedAt)).UnixNano()
		if r.Change != devices.ChangeMoved || r.ChangedAfter.IsZero() || before.first > since {
			r.Change = devices.ChangeUnmoved
			press = before.by
		}
	}
	if r.Change == "" && interpretedThere(r) && r.Status == "" {
		r.Change = devices.ChangeUnmoved // an older gateway's, which did not say so
	}
	if r.Change.NoPress() {
		repeated(r, r.Change)
	}
	if len(v.runs) == 0 || t >= v.runs[len(v.runs)-1].last {
		if !v.known || v.now != value {
			v.by = h
		}
		v.now, v.nowAt, v.known = value, t, true
	}
	v.note(value, t, h)
	return stillPending(press)
}

// recall notes the setting of a report that the journal has.
func (s settings) recall(r *devices.Report) {
	if !r.Standing {
		return
	}
	v, value, at := s.of(r), valueOf(r), byOurClock(r).UnixNano()
	if r.Site == "" || len(v.runs) == 0 || at >= v.runs[len(v.runs)-1].last {
		v.now, v.nowAt, v.known, v.by = value, at, true, nil
	}
	v.note(value, at, nil)
}

// before returns what was set before a time, nil when that is not known.
func (s *setting) before(t int64) *settingRun {
	for i := len(s.runs) - 1; i >= 0; i-- {
		if s.runs[i].first < t {
			return &s.runs[i]
		}
	}
	return nil
}

// note has a value heard at a time, in whatever order that comes.
func (s *setting) note(value journal.ID16, t int64, by *firstHearing) {
	i := len(s.runs) // the runs before i began by t
	for i > 0 && s.runs[i-1].first > t {
		i--
	}
	switch {
	case i > 0 && s.runs[i-1].value == value:
		s.runs[i-1].last = max(s.runs[i-1].last, t)
	case i > 0 && s.runs[i-1].last > t: // within another value's run
		was := s.runs[i-1]
		s.runs[i-1].last = was.first
		s.runs = slices.Insert(s.runs, i, settingRun{value, t, t, by}, settingRun{was.value, was.last, was.last, nil})
	case i < len(s.runs) && s.runs[i].value == value:
		s.runs[i].first, s.runs[i].by = t, by
	default:
		s.runs = slices.Insert(s.runs, i, settingRun{value, t, t, by})
	}
	if more := len(s.runs) - runsAtMost; more > 0 {
		s.runs = slices.Delete(s.runs, 0, more)
	}
}

// repeated takes the status off a report that is no press, and says why.
func repeated(r *devices.Report, why devices.Change) {
	r.Status, r.Emergency, r.Change, r.ChangedAfter = "", false, why, time.Time{}
}

// stillPending returns a hearing that is not stored yet, or nil.
func stillPending(h *firstHearing) *firstHearing {
	if h == nil || h.stored {
		return nil
	}
	return h
}

// interpretedThere tells whether a site's gateway has said what a report's code means: all
// that passed one has an assurance.
func interpretedThere(r *devices.Report) bool {
	return r.Assurance != "" && (r.StatusCode != "" || r.Standing)
}
