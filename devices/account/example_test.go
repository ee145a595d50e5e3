package account_test

import (
	"fmt"
	"strings"

	"htgateway/devices/account"
)

// A phone that is lost or stolen can neither move another unit on the map nor learn
// where one is.
func ExampleUser_MayPublish() {
	read, err := account.Read(strings.NewReader("andi:$argon2id$...\ncad-112:$argon2id$...\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	users := account.ByName(read, account.Role.OfField)
	andi := users["andi"]
	fmt.Println(andi.Role, users["cad-112"].Role)
	for _, topic := range []string{"owntracks/andi/phone", "owntracks/budi/phone"} {
		fmt.Println(topic, andi.MayPublish(topic), andi.MayRead(topic+"/cmd"))
	}
	// Output:
	// device cad
	// owntracks/andi/phone true true
	// owntracks/budi/phone false false
}
