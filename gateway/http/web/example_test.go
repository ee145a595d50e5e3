package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"htgateway/gateway/http/web"
)

// The dispatcher's page comes out of the binary, and a browser may take nothing from
// elsewhere but the map's tiles, and those only where the office has set a server.
func ExampleHandler() {
	page, policy := web.Handler(), web.Policy("https://tiles.example.id")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		page.ServeHTTP(w, r)
	}))
	defer server.Close()
	res, err := http.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	fmt.Println(res.Status, res.Header.Get("Content-Type"))
	for rule := range strings.SplitSeq(res.Header.Get("Content-Security-Policy"), "; ") {
		if strings.HasPrefix(rule, "script-src") || strings.HasPrefix(rule, "img-src") {
			fmt.Println(rule)
		}
	}
	// Output:
	// 200 OK text/html; charset=utf-8
	// script-src 'self'
	// img-src 'self' https://tiles.example.id data: blob:
}
