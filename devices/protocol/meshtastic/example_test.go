package meshtastic_test

import (
	"fmt"
	"time"

	"htgateway/devices/protocol/meshtastic"
)

// A team without a radio of its own sends its status over a LoRa mesh. It is the team
// that is named, and not the gateway node on the hill that heard it.
func ExampleDecoder_Decode() {
	at := time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	body := `{"channel":1,"from":1128041132,"id":1686054519,"payload":{"text":"3"},"sender":"!7d5a1c2e","timestamp":1795511640,"to":4294967295,"type":"text"}`
	r, err := meshtastic.NewDecoder(nil).Decode("msh/ID/2/json/LongFast/!7d5a1c2e", []byte(body), at)
	fmt.Println(r.Device, r.Kind, r.StatusCode, "via", r.Via, err)
	// Output: meshtastic:!433c8aac status 3 via !7d5a1c2e <nil>
}

// A dispatcher's words go into the mesh as one packet through a gateway node, to one
// node only.
func ExampleText() {
	hill, err := meshtastic.ParseNode("!7d5a1c2e")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := meshtastic.Text(hill, 1128041132, "Ke Pasar Kadipaten")
	fmt.Println(meshtastic.DownlinkTopic("msh/ID"), string(body), err)
	// Output: msh/ID/2/json/mqtt/ {"from":2103057454,"to":1128041132,"channel":0,"type":"sendtext","payload":"Ke Pasar Kadipaten"} <nil>
}
