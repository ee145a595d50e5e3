package signin_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"htgateway/devices/account"
	"htgateway/devices/account/password"
	"htgateway/gateway/http/signin"
)

// Whoever signs in stands by name beside every act, and may do what the shift needs and
// not more: a dispatcher acts on incidents, and leaves the gateway's own running alone.
func ExampleDoor() {
	dir, err := os.MkdirTemp("", "signin")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	users := filepath.Join(dir, "users")
	err = account.Add(users, account.User{Name: "sari", Role: account.Dispatcher, Hash: password.Hash([]byte("sandi yang cukup panjang"))})
	door, opening := signin.New(signin.Options{UsersFile: users, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err = errors.Join(err, opening); err != nil {
		fmt.Println(err)
		return
	}
	_, err = door.SignIn(context.Background(), "sari", "a guess", "10.0.0.7")
	fmt.Println(err)
	session, err := door.SignIn(context.Background(), "sari", "sandi yang cukup panjang", "10.0.0.7")

	browser := httptest.NewRecorder()
	signin.SetCookie(browser, httptest.NewRequest(http.MethodPost, "/signin", nil), session)
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.AddCookie(browser.Result().Cookies()[0])
	sari, known := door.Who(request)
	fmt.Println(sari.Name, sari.Role, known, err)
	fmt.Println("act:", sari.Role.May(signin.Act), "keep:", sari.Role.May(signin.Keep))
	// Output:
	// name or password is wrong
	// sari dispatcher true <nil>
	// act: true keep: false
}
