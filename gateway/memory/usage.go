package memory

import "runtime/metrics"

// usage is how much memory the Go runtime has, in bytes.
type usage struct {
	live      uint64 // found alive at the last collection
	objects   uint64 // alive, or not yet collected
	free      uint64 // could be given back to the system
	allocated uint64 // since the process began
}

func readUsage() usage {
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"}, {Name: "/gc/heap/allocs:bytes"},
	}
	metrics.Read(s)
	return usage{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64(), s[3].Value.Uint64()}
}

// idle is what could be given back: free memory, and what the collector would free.
func (u usage) idle() uint64 { return u.free + u.objects - min(u.live, u.objects) }
