package sitetest

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

// Press sends a FleetSync key without a position.
func (s *Site) Press(code string) {
	s.T.Helper()
	s.Print(Sentence("PKLID,00,102,1001," + code + ",00,"))
}

// Print has the radio print something.
func (s *Site) Print(text string) {
	s.T.Helper()
	if _, err := s.Radio.WriteString(text); err != nil {
		s.T.Fatal(err)
	}
}

// Sentence puts a body between its framing and checksum.
func Sentence(body string) string {
	var sum byte
	for i := range len(body) {
		sum ^= body[i]
	}
	return fmt.Sprintf("$%s*%02X\r\n", body, sum)
}

// DegreesMinutes is an angle as NMEA writes it: ddmm.mmmm.
func DegreesMinutes(v float64, digits int) string {
	whole := math.Floor(v)
	return fmt.Sprintf("%0*.0f%07.4f", digits, whole, min((v-whole)*60, 59.9999))
}

// Commands reads what the gateway writes to a radio, up to a byte that ends a command.
func Commands(t *testing.T, r io.Reader, end byte) <-chan string {
	t.Helper()
	out := make(chan string, 100)
	go func() {
		in := bufio.NewReader(r)
		for {
			s, err := in.ReadString(end)
			if err != nil {
				return
			}
			out <- s
		}
	}()
	return out
}

// Expect waits for a command that holds the wanted text, and returns it.
func Expect(t *testing.T, c <-chan string, what, want string) string {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case got := <-c:
			if strings.Contains(got, want) {
				return got
			}
		case <-deadline:
			t.Fatalf("the radio was never sent %s (%q)", what, want)
		}
	}
}
