package snapshot_test

import (
	"slices"
	"testing"

	"htgateway/gateway/state/snapshot"
)

// TestEachIsMetOnce: behind pointers, in rings, lists and maps, where it can be changed.
func TestEachIsMetOnce(t *testing.T) {
	t.Parallel()
	type word struct{ text string }
	type node struct {
		own   word
		next  *node
		many  []word
		named map[string]word
		far   map[int]*word
		none  *word
		count int
	}
	shared := &word{"shared"}
	a := &node{own: word{"a"}, many: []word{{"b"}, {"c"}}, named: map[string]word{"x": {"d"}}, far: map[int]*word{1: shared, 2: shared}, none: nil, count: 3}
	a.next = &node{own: word{"e"}, next: a}
	var met []string
	snapshot.Each(func(w *word) { met = append(met, w.text); w.text += "!" }, &a)
	slices.Sort(met)
	if !slices.Equal(met, []string{"a", "b", "c", "d", "e", "shared"}) {
		t.Errorf("met %v", met)
	}
	if a.own.text != "a!" || a.many[1].text != "c!" || a.named["x"].text != "d!" || shared.text != "shared!" || a.next.own.text != "e!" {
		t.Errorf("%+v, %+v", a, shared)
	}
	snapshot.Each(func(*float64) { t.Error("there is none") }, &a)
}
