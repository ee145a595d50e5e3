package webhook

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// FuzzAnswer: whatever a receiver answers, byte for byte, an update is taken, refused
// or to be sent again, within the pauses of the settings and with a short reason.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{
		"", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx", "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n",
		"HTTP/1.1 503 Later\r\nRetry-After: 99999999999\r\n\r\n", "HTTP/1.1 503 Later\r\nRetry-After: 18446744074\r\n\r\n", "HTTP/1.1 429 Slow\r\nRetry-After: -1\r\n\r\n",
		"HTTP/1.1 422 No\r\n\r\n\x1b[2Jno\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 410 Gone\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "hello\r\n",
	} {
		f.Add([]byte(text))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	defer listener.Close()
	answers := make(chan []byte, 1)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = c.Write(<-answers)
			}
			_ = c.Close()
		}
	}()
	h, err := New(nil, Settings{ID: "a", URL: "http://" + listener.Addr().String() + "/?key=rahasia", Secret: []byte("s"), Timeout: 5 * time.Second, Again: time.Second, AtMost: time.Minute, Now: time.Now})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		h.client.CloseIdleConnections()
		answers <- answer
		what, wait, why := h.post(t.Context(), "u1", []byte("{}"))
		select {
		case <-answers: // it was not even asked for
		default:
		}
		if wait < 0 || wait > h.s.AtMost || wait > 0 && what != again {
			t.Fatalf("%v after %v", what, wait)
		}
		if (why == "") != (what == taken) || len(why) > 2000 || strings.ContainsAny(why, "\n\x1b") || strings.Contains(why, "rahasia") {
			t.Fatalf("%v because %q", what, why)
		}
	})
}
