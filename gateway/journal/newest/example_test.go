package newest_test

import (
	"fmt"

	"htgateway/gateway/journal/newest"
)

// Who follows closely is given what was journaled last without a read from the disk. Who
// is far behind finds nothing here, and reads the file until it has come near.
func ExampleList() {
	list := newest.New[string](newest.Bounds[string]{Items: 1000})
	page := list.Enter(40) // it has had everything up to entry 40
	list.Add(41, []string{"report", "hearing"})
	list.Add(43, []string{"act"})
	for had := uint64(40); ; {
		items := list.After(had, 100)
		if len(items) == 0 {
			break
		}
		fmt.Println("after", had, items)
		had += uint64(len(items))
		list.Move(page, had)
	}
	fmt.Println("after 7", list.After(7, 100))
	list.Leave(page)
	// Output:
	// after 40 [report hearing act]
	// after 7 []
}
