package intake

import (
	"strings"

	"htgateway/devices"
)

// stickyStatus is the last setting of each device's status: of Mic-E's dial or of its
// status text. A radio repeats it with every beacon; only a change is a press.
type stickyStatus map[stickyKey]string

// stickyKey is one of a device's sticky statuses: Mic-E's message, or its text.
type stickyKey struct {
	device devices.Identity
	kind   devices.Kind
}

// suppressRepeat takes the status off a report whose setting is the device's last one.
// The code and the text stay for the reader of the journal.
func (s stickyStatus) suppressRepeat(r *devices.Report) {
	if !r.Standing {
		return
	}
	before, known := s[stickyKey{r.Device, r.Kind}]
	s.recall(r)
	if known && before == setting(r) {
		r.Status, r.Emergency = "", false
	}
}

// recall remembers a report's setting.
func (s stickyStatus) recall(r *devices.Report) {
	if r.Standing {
		s[stickyKey{r.Device, r.Kind}] = setting(r)
	}
}

func setting(r *devices.Report) string { return r.StatusCode + "/" + strings.TrimSpace(r.Text) }
