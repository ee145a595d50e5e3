package jetstream

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"htgateway/gateway/journal"
)

func sample() *batch {
	at := time.Unix(1_795_000_000, 7).UTC()
	return &batch{
		mark: "kiri abc 1", epoch: 9, first: 41, at: at, target: 12, older: []uint64{13, 20},
		records: []journal.Record{
			{ID: "r1", Kind: journal.KindReport, At: at.Add(-time.Second), Body: []byte(`{"text":"<TIBA>"}`)},
			{ID: "a1", Kind: journal.KindAct, At: at, Body: []byte(`{}`)},
		},
	}
}

func TestBatchGoesThereAndBack(t *testing.T) {
	t.Parallel()
	for _, want := range []*batch{sample(), {mark: "claim", epoch: 1, first: 1, at: time.Unix(5, 0).UTC()}} {
		got, err := decode(want.encode())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
}

// TestEveryFlippedBitIsSeen: a server's disk may turn a bit (nats-server#7549).
func TestEveryFlippedBitIsSeen(t *testing.T) {
	t.Parallel()
	whole := sample().encode()
	for i := range len(whole) * 8 {
		damaged := append([]byte{}, whole...)
		damaged[i/8] ^= 1 << (i % 8)
		if _, err := decode(damaged); !errors.Is(err, journal.ErrCorrupt) {
			t.Fatalf("bit %d: %v", i, err)
		}
	}
	for n := range whole {
		if _, err := decode(whole[:n]); !errors.Is(err, journal.ErrCorrupt) {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(sample().encode())
	f.Fuzz(func(t *testing.T, msg []byte) {
		b, err := decode(msg)
		if err != nil {
			return
		}
		if again, err := decode(b.encode()); err != nil || !reflect.DeepEqual(again, b) {
			t.Errorf("%+v becomes %+v, %v", b, again, err)
		}
	})
}
