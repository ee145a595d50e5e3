package sqlitelog_test

import (
	"fmt"

	"htgateway/gateway/journal/sqlitelog"
)

// Who follows closely is given what was journaled last without a read from the disk. Who
// is far behind finds nothing here, and reads the file until it has come near.
func ExampleWindow() {
	window := sqlitelog.NewWindow[string](sqlitelog.Bounds[string]{Items: 1000})
	page := window.Subscribe(40) // it has had everything up to entry 40
	window.Add(41, []string{"report", "hearing"})
	window.Add(43, []string{"act"})
	for had := uint64(40); ; {
		items := window.After(had, 100)
		if len(items) == 0 {
			break
		}
		fmt.Println("after", had, items)
		had += uint64(len(items))
		window.Advance(page, had)
	}
	fmt.Println("after 7", window.After(7, 100))
	window.Unsubscribe(page)
	// Output:
	// after 40 [report hearing act]
	// after 7 []
}
