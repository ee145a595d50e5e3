package intake

import "slices"

// hearersAtMost bounds the stations that are remembered for one link.
const hearersAtMost = 1000

// hearers are the stations that heard something again, by the link that they pass
// it on over: mesh gateways on one broker. The journal finds a hearing by them.
type hearers map[string][]string

func (h hearers) add(link, via string) {
	if via != "" && len(h[link]) < hearersAtMost && !slices.Contains(h[link], via) {
		h[link] = append(h[link], via)
	}
}

// Hearers lists the stations that passed on reports over a link which were heard
// before, the link itself ("") first.
func (in *Intake) Hearers(link string) []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]string{""}, in.hearers[link]...)
}
