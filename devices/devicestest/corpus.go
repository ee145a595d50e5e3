package devicestest

import (
	"bufio"
	"os"
	"strconv"
	"testing"
)

// Corpus reads the inputs that fuzzing found to reach new code, one quoted Go
// string a line in testdata/corpus.txt. Each is tried in every run of the tests and
// is where the next fuzzing begins.
func Corpus(f *testing.F) [][]byte {
	f.Helper()
	return CorpusAt(f, "testdata/corpus.txt")
}

// CorpusAt is [Corpus] of another package's inputs.
func CorpusAt(f testing.TB, path string) [][]byte {
	f.Helper()
	file, err := os.Open(path) // #nosec G304 -- a file of the tests
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close()
	var inputs [][]byte
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		input, err := strconv.Unquote(lines.Text())
		if err != nil {
			f.Fatalf("%s:%d: %v", path, n, err)
		}
		inputs = append(inputs, []byte(input))
	}
	if err := lines.Err(); err != nil {
		f.Fatal(err)
	}
	return inputs
}
