package intake

import "container/list"

// recentMap keeps values by key, the most recently used ones. It has tiers: what is in a
// higher one stays longer, but an eighth of the room is each lower one's, so that names
// that somebody makes up push out no device that is heard again and again.
type recentMap[K comparable, V any] struct {
	most  int
	tiers []*list.List // of recentItem[K, V], newest first
	items map[K]*list.Element
}

type recentItem[K comparable, V any] struct {
	key   K
	value V
	tier  int
}

func newRecentMap[K comparable, V any](most, tiers int) *recentMap[K, V] {
	m := &recentMap[K, V]{most: most, items: make(map[K]*list.Element)}
	for range tiers {
		m.tiers = append(m.tiers, list.New())
	}
	return m
}

// peek returns a key's value and does not count as a use of it.
func (m *recentMap[K, V]) peek(k K) (v V, known bool) {
	if e := m.items[k]; e != nil {
		return e.Value.(*recentItem[K, V]).value, true
	}
	return v, false
}

// put keeps a key's value in a tier, as the newest of it.
func (m *recentMap[K, V]) put(k K, v V, tier int) {
	item := &recentItem[K, V]{k, v, tier}
	if e := m.items[k]; e != nil {
		item = m.tiers[e.Value.(*recentItem[K, V]).tier].Remove(e).(*recentItem[K, V])
		item.value, item.tier = v, tier
	}
	m.items[k] = m.tiers[tier].PushFront(item)
	if len(m.items) > m.most {
		m.drop()
	}
}

// use keeps a key's value in the lower tier when it is new, else in the upper one.
func (m *recentMap[K, V]) use(k K, v V) {
	tier := 0
	if m.items[k] != nil {
		tier = len(m.tiers) - 1
	}
	m.put(k, v, tier)
}

// drop gives up the eldest of the lowest tier that has more than its share.
func (m *recentMap[K, V]) drop() {
	for _, tier := range m.tiers {
		if tier.Len() > m.most/(4*len(m.tiers)) {
			item := tier.Remove(tier.Back()).(*recentItem[K, V])
			delete(m.items, item.key)
			return
		}
	}
}

func (m *recentMap[K, V]) len() int { return len(m.items) }

// all yields what is kept, the eldest of the lowest tier first, so that who puts it back in
// this order has the same map.
func (m *recentMap[K, V]) all(yield func(*recentItem[K, V]) bool) {
	for _, tier := range m.tiers {
		for e := tier.Back(); e != nil; e = e.Prev() {
			if !yield(e.Value.(*recentItem[K, V])) {
				return
			}
		}
	}
}
