package help_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"htgateway/gateway/http/web/help"
)

// The field team's card is served without a sign-in and without a network beyond the
// gateway, with the key and the word by which a team says that it has arrived.
func ExampleRegister() {
	mux := http.NewServeMux()
	help.Register(mux)
	server := httptest.NewServer(mux)
	defer server.Close()
	res, err := http.Get(server.URL + "/help/tim")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	card, err := io.ReadAll(res.Body)
	fmt.Println(res.Status, res.Header.Get("Content-Type"), err)
	fmt.Println(strings.Contains(string(card), `<b class="word">TIBA</b>`))
	// Output:
	// 200 OK text/html; charset=utf-8 <nil>
	// true
}
