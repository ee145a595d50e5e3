package intake

import (
	"bytes"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// bursts remembers the newest keys of each Kenwood radio. A base station may print one
// burst under several headers ($PKLID, then $PKLDS with the position): the key was
// pressed once, whatever header reports it first.
type bursts struct {
	*recentMap[devices.Identity, *presses]
}

// presses are a radio's newest keys.
type presses struct{ keys []press }

// press is a key as one header reported it.
type press struct {
	key, header [8]byte // digests
	at          int64   // nanoseconds since 1970
	by          *firstHearing
}

// isKey tells whether a report is a press that several headers of one burst may report.
func isKey(r *devices.Report) bool {
	return r.Protocol == devices.Kenwood && r.StatusCode != "" && r.Device != "" && (r.Status != "" || r.Emergency)
}

func pressOf(r *devices.Report, at time.Time, h *firstHearing) press {
	header, _, _ := bytes.Cut(r.Raw, []byte{','})
	code, head := journal.Hash(r.StatusCode), journal.Hash(string(header))
	return press{[8]byte(code[:8]), [8]byte(head[:8]), at.UnixNano(), h}
}

// merge takes the status off a report of the same burst's key under another header. The
// position and the code stay. It returns the hearing that was the press, as long as that
// is not stored.
func (b bursts) merge(r *devices.Report, at time.Time, h *firstHearing) *firstHearing {
	if !isKey(r) {
		return nil
	}
	p, known := b.peek(r.Device)
	if !known {
		p = new(presses)
	}
	b.use(r.Device, p)
	now := pressOf(r, at, h)
	if other := p.other(now); other != nil {
		repeated(r, devices.ChangeSameBurst)
		return stillPending(other.by)
	}
	p.add(now)
	return nil
}

// recall notes the key of a report that the journal has.
func (b bursts) recall(r *devices.Report) {
	if !isKey(r) {
		return
	}
	p, known := b.peek(r.Device)
	if !known {
		p = new(presses)
	}
	b.use(r.Device, p)
	p.add(pressOf(r, byOurClock(r), nil))
}

func (p *presses) add(k press) {
	if len(p.keys) >= pressesAtMost {
		p.keys = append(p.keys[:0], p.keys[1:]...)
	}
	p.keys = append(p.keys, k)
}

// other returns the same key under another header within the same burst, or nil.
func (p *presses) other(now press) *press {
	for i := len(p.keys) - 1; i >= 0; i-- {
		if k := &p.keys[i]; k.key == now.key && k.header != now.header && within(time.Unix(0, k.at), time.Unix(0, now.at), windowDirect) {
			return k
		}
	}
	return nil
}
