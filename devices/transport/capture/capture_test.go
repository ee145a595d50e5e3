package capture_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/transport/capture"
)

var started = time.Date(2026, 11, 24, 2, 25, 11, 500_000_000, time.UTC)

func header() capture.Header {
	return capture.Header{Port: "/dev/ttyUSB0", Baud: 9600, Protocol: devices.Kenwood, Started: started}
}

func readAll(t *testing.T, text string) (capture.Header, []capture.Chunk, error) {
	t.Helper()
	r, err := capture.NewReader(strings.NewReader(text))
	if err != nil {
		return capture.Header{}, nil, err
	}
	var chunks []capture.Chunk
	for {
		c, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Header(), chunks, nil
		}
		if err != nil {
			return r.Header(), chunks, err
		}
		chunks = append(chunks, c)
	}
}

func TestFormatIsAsDocumented(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, header())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]byte("\x02I11\x03"), started.Add(1520*time.Millisecond+300*time.Microsecond)); err != nil {
		t.Fatal(err)
	}
	const want = `{"capture":1,"port":"/dev/ttyUSB0","baud":9600,"protocol":"kenwood","started":"2026-11-24T02:25:11.5Z"}
{"t_ms":1520,"hex":"0249313103"}
`
	if b.String() != want {
		t.Fatalf("got\n%swant\n%s", b.String(), want)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, header())
	if err != nil {
		t.Fatal(err)
	}
	long := bytes.Repeat([]byte{0xC0, 0x00, 0xFF}, 40_000) // more than one line holds
	for _, c := range []struct {
		at time.Duration
		p  []byte
	}{{0, []byte("a")}, {2 * time.Second, long}, {time.Second, []byte("clock set back")}, {3 * time.Second, nil}} {
		if err := w.Write(c.p, started.Add(c.at)); err != nil {
			t.Fatal(err)
		}
	}
	h, chunks, err := readAll(t, b.String())
	if err != nil {
		t.Fatal(err)
	}
	if h != header() {
		t.Fatalf("%+v", h)
	}
	var all []byte
	for _, c := range chunks {
		all = append(all, c.Bytes...)
	}
	if want := "a" + string(long) + "clock set back"; string(all) != want {
		t.Fatalf("%d bytes of %d", len(all), len(want))
	}
	if last := chunks[len(chunks)-1]; last.After != 2*time.Second {
		t.Fatalf("the chunk after the clock was set back is at %v", last.After)
	}
}

func TestWrongLinesAreNamed(t *testing.T) {
	t.Parallel()
	const head = `{"capture":1,"port":"p","baud":9600,"protocol":"kenwood","started":"2026-11-24T02:25:11Z"}` + "\n"
	const chunk = `{"t_ms":5,"hex":"41"}` + "\n"
	for name, c := range map[string]struct {
		text string
		is   error
		says string
		good int
	}{
		"empty":          {"", capture.ErrHeader, "empty", 0},
		"not json":       {"$GPRMC\n", capture.ErrHeader, "line 1", 0},
		"a later format": {strings.Replace(head, `"capture":1`, `"capture":2`, 1), capture.ErrHeader, "version 2", 0},
		"no protocol":    {strings.Replace(head, "kenwood", "", 1), capture.ErrHeader, "no protocol", 0},
		"no start":       {`{"capture":1,"baud":9600,"protocol":"kenwood"}`, capture.ErrHeader, "no start", 0},
		"baud":           {strings.Replace(head, "9600", "-1", 1), capture.ErrHeader, "-1 baud", 0},
		"no time":        {head + chunk + `{"hex":"41"}`, capture.ErrChunk, "line 3", 1},
		"no bytes":       {head + `{"t_ms":1}`, capture.ErrChunk, "line 2", 0},
		"odd digits":     {head + chunk + `{"t_ms":6,"hex":"414"}`, capture.ErrChunk, "line 3", 1},
		"before start":   {head + `{"t_ms":-1,"hex":"41"}`, capture.ErrChunk, "t_ms is -1", 0},
		"too late":       {head + `{"t_ms":9000000000000000000,"hex":"41"}`, capture.ErrChunk, "line 2", 0},
		"backwards":      {head + chunk + chunk + `{"t_ms":4,"hex":"41"}`, capture.ErrOrder, "line 4", 2},
		"cut off":        {head + chunk + "\n" + `{"t_ms":6,"he`, capture.ErrChunk, "line 4", 1},
		"long":           {head + chunk + `{"t_ms":6,"hex":"` + strings.Repeat("41", capture.MaxLine/2) + `"}` + "\n", capture.ErrLong, "line 3", 1},
		"longest of all": {head + strings.Repeat("4", 10*capture.MaxLine), capture.ErrLong, "line 2", 0},
		"long header":    {strings.Repeat("{", capture.MaxLine+1) + "\n", capture.ErrLong, "line 1", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, chunks, err := readAll(t, c.text)
			if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, want %v that says %q", err, c.is, c.says)
			}
			if len(chunks) != c.good {
				t.Fatalf("%d chunks before it, want %d", len(chunks), c.good)
			}
		})
	}
}

func TestLongestLineIsTaken(t *testing.T) {
	t.Parallel()
	const head = `{"capture":1,"port":"p","baud":9600,"protocol":"kenwood","started":"2026-11-24T02:25:11Z"}` + "\r\n"
	line := `{"t_ms":6,"hex":"41"` + strings.Repeat(" ", capture.MaxLine-21) + "}"
	if len(line) != capture.MaxLine {
		t.Fatal(len(line))
	}
	_, chunks, err := readAll(t, head+line+"\r\n"+line)
	if err != nil || len(chunks) != 2 {
		t.Fatalf("%d chunks, %v", len(chunks), err)
	}
}

func TestHeaderWithoutProtocolIsNotWritten(t *testing.T) {
	t.Parallel()
	h := header()
	h.Protocol = ""
	var b bytes.Buffer
	if _, err := capture.NewWriter(&b, h); !errors.Is(err, capture.ErrHeader) || b.Len() > 0 {
		t.Fatalf("%v, wrote %q", err, b.String())
	}
}

func TestFullDiskIsTold(t *testing.T) {
	t.Parallel()
	if _, err := capture.NewWriter(fullDisk{}, header()); !errors.Is(err, errFull) {
		t.Fatal(err)
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// FuzzReader: no input panics, and what is read can be written and read again.
func FuzzReader(f *testing.F) {
	const head = `{"capture":1,"port":"p","baud":9600,"protocol":"kenwood","started":"2026-11-24T02:25:11Z"}` + "\n"
	f.Add(head + `{"t_ms":5,"hex":"41"}` + "\n")
	f.Add(head + `{"t_ms":5,"hex":"4"}` + "\n")
	f.Add(head + `{"t_ms":5,"hex":""}` + "\r\n\n" + `{"t_ms":5,"hex":"C0c0","more":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		h, chunks, err := readAll(t, text)
		if err != nil && len(chunks) == 0 {
			return
		}
		var b bytes.Buffer
		w, err := capture.NewWriter(&b, h)
		if err != nil {
			if errors.Is(err, capture.ErrLong) {
				return // a name full of bytes that JSON must escape
			}
			t.Fatalf("cannot write the header that was read, %+v: %v", h, err)
		}
		var want []byte
		for _, c := range chunks {
			want = append(want, c.Bytes...)
			if err := w.Write(c.Bytes, h.Started.Add(c.After)); err != nil {
				t.Fatal(err)
			}
		}
		_, again, err := readAll(t, b.String())
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		for _, c := range again {
			got = append(got, c.Bytes...)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%x became %x", want, got)
		}
	})
}
