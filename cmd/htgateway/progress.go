package main

import (
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"htgateway/telemetry/export"
)

// terminal tells whether somebody watches what is written there.
func terminal(w io.Writer) bool {
	f, is := w.(*os.File)
	return is && term.IsTerminal(int(f.Fd()))
}

// progress is a bar on a terminal, and nothing elsewhere.
type progress struct {
	w     io.Writer
	what  string
	total int64
	done  int64
	shown time.Time
}

// showEvery is how often a bar moves.
const showEvery = 200 * time.Millisecond

func newProgress(w io.Writer, what string, total int64) *progress {
	if !terminal(w) {
		w = nil
	}
	return &progress{w: w, what: what, total: total}
}

// rows passes rows on and counts them.
func (p *progress) rows(rows iter.Seq2[export.Row, error]) iter.Seq2[export.Row, error] {
	return func(yield func(export.Row, error) bool) {
		for row, err := range rows {
			p.to(p.done + 1)
			if !yield(row, err) {
				return
			}
		}
	}
}

// to moves the bar.
func (p *progress) to(done int64) {
	p.done = done
	if p.w != nil && time.Since(p.shown) >= showEvery {
		p.shown = time.Now()
		p.show()
	}
}

func (p *progress) show() {
	const width = 30
	if p.total == 0 {
		fmt.Fprintf(p.w, "\r%s: %d\x1b[K", p.what, p.done)
		return
	}
	share := min(1, float64(p.done)/float64(p.total))
	full := int(share * width)
	fmt.Fprintf(p.w, "\r%s [%s%s] %3.0f %% %d/%d\x1b[K", p.what, strings.Repeat("#", full), strings.Repeat(".", width-full), 100*share, p.done, p.total)
}

// end leaves the last line standing.
func (p *progress) end() {
	if p.w != nil {
		p.show()
		fmt.Fprintln(p.w)
	}
}
