package intake

import (
	"strings"

	"htgateway/devices"
)

// standing remembers what each device's dial or status text said last. A radio
// repeats it with every beacon; only a change is a press.
type standing map[dial]string

// dial is one of a device's standing statuses: Mic-E's message, or its text.
type dial struct {
	device devices.Identity
	kind   devices.Kind
}

// calm takes the status off a report that says what the device's dial said
// already. The code and the text stay for the reader of the journal.
func (s standing) calm(r *devices.Report) {
	if !r.Standing {
		return
	}
	before, known := s[dial{r.Device, r.Kind}]
	s.recall(r)
	if known && before == setting(r) {
		r.Status, r.Emergency = "", false
	}
}

// recall keeps what a report's dial says.
func (s standing) recall(r *devices.Report) {
	if r.Standing {
		s[dial{r.Device, r.Kind}] = setting(r)
	}
}

func setting(r *devices.Report) string { return r.StatusCode + "/" + strings.TrimSpace(r.Text) }
