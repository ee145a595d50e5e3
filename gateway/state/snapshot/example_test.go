package snapshot_test

import (
	"fmt"

	"htgateway/gateway/state/snapshot"
)

type crew struct {
	callSign string
	sentTo   *call
}

type call struct {
	number string
	crews  []*crew
}

// A start takes up where the tracker was, with everything that pointed to the same thing
// doing so again; what was cut off is refused, and the journal is folded instead.
func ExampleAppend() {
	fire := &call{number: "20261124-001"}
	fire.crews = []*crew{{"DAMKAR 1", fire}, {"PSC 1", fire}}
	shape, err := snapshot.Shape(&fire)
	kept := snapshot.Append(nil, nil, &fire)

	var again *call
	same, _ := snapshot.Shape(&again)
	fmt.Println(shape == same, err, snapshot.Read(kept, nil, &again))
	for _, c := range again.crews {
		fmt.Println(c.callSign, c.sentTo.number, c.sentTo == again)
	}
	fmt.Println(snapshot.Read(kept[:len(kept)/2], nil, &again))
	// Output:
	// true <nil> <nil>
	// DAMKAR 1 20261124-001 true
	// PSC 1 20261124-001 true
	// snapshot: bytes are not whole: a number ends early
}
