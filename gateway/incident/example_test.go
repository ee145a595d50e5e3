package incident_test

import (
	"fmt"

	"htgateway/gateway/incident"
)

// Who called is found in the acts, and every text that quotes the name is freed of it.
func ExampleCallers() {
	acts := []*incident.Act{
		{ID: "a1", Kind: incident.ActOpen, Opening: &incident.Opening{Category: "fire", Caller: "Bu Siti"}},
		{ID: "a2", Kind: incident.ActNote, Text: "Bu Siti menunggu di jalan"},
	}
	callers := incident.Callers(acts)
	note, changed := acts[1].Without(callers)
	fmt.Println(callers, changed)
	fmt.Println(note.Text)
	// Output:
	// [Bu Siti] true
	// [dihapus / erased] menunggu di jalan
}
