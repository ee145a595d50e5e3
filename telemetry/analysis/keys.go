package analysis

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"
)

// LateKey is from which time on after the fixes proved an arrival its key counts
// as pressed late.
const LateKey = 2 * time.Minute

// KeyUse is how one unit kept to one status key in a period: of the times when
// the key was expected, how often it was pressed in time, late, not at all, or
// against what other evidence says.
type KeyUse struct {
	Unit   string                 `json:"unit"`
	Agency string                 `json:"agency"`
	Key    incident.MilestoneName `json:"key"`
	// Expected is the sum of the four others.
	Expected     int `json:"expected"`
	Pressed      int `json:"pressed"`
	Late         int `json:"late"`
	Missing      int `json:"missing"`
	Contradicted int `json:"contradicted"`
}

// Keys lists the keys whose discipline is counted.
func Keys() []incident.MilestoneName { return slices.Clone(expectedKeys) }

var expectedKeys = []incident.MilestoneName{incident.EnRoute, incident.OnScene, incident.Completed}

// KeyMethod says how keys are judged, as every report prints it.
const KeyMethod = "expected: en_route and on_scene of every arrival or completed work, completed of every arrival whose work is done or whose incident is closed; " +
	"late: the on_scene key came more than 2 min after the fixes proved the arrival; missing: known by geofence or dispatcher only, or not at all; " +
	"contradicted: pressed far from the scene, or completed before arrival"

// KeyDiscipline tells for every unit how its keys were used, by unit and key.
func (r *Record) KeyDiscipline() ([]KeyUse, error) {
	uses := keyUses{}
	err := r.each(r.cases, uses.count)
	return uses.list(), err
}

// keyUses gathers them.
type keyUses map[unitKey]*KeyUse

type unitKey struct {
	unit string
	key  incident.MilestoneName
}

// count judges the keys of one incident.
func (k keyUses) count(c *call) {
	closed := c.reached.has(incident.Closed)
	for i := range c.parts {
		p := &c.parts[i]
		for _, key := range expectedKeys {
			count := judgeKey(key, &p.reached, closed)
			if count == nil {
				continue
			}
			id := unitKey{p.unit, key}
			if k[id] == nil {
				k[id] = &KeyUse{Unit: p.unit, Agency: p.agency, Key: key}
			}
			k[id].Expected++
			*count(k[id])++
		}
	}
}

func (k keyUses) merge(other keyUses) {
	for id, u := range other {
		if k[id] == nil {
			k[id] = u
			continue
		}
		k[id].Expected += u.Expected
		k[id].Pressed += u.Pressed
		k[id].Late += u.Late
		k[id].Missing += u.Missing
		k[id].Contradicted += u.Contradicted
	}
}

func (k keyUses) list() []KeyUse {
	out := make([]KeyUse, 0, len(k))
	for _, u := range k {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b KeyUse) int {
		return cmp.Or(strings.Compare(a.Unit, b.Unit), cmp.Compare(slices.Index(expectedKeys, a.Key), slices.Index(expectedKeys, b.Key)))
	})
	return out
}

func pressed(u *KeyUse) *int      { return &u.Pressed }
func late(u *KeyUse) *int         { return &u.Late }
func missing(u *KeyUse) *int      { return &u.Missing }
func contradicted(u *KeyUse) *int { return &u.Contradicted }

// judgeKey tells which count of its use goes up, nil where the key is not
// expected.
func judgeKey(key incident.MilestoneName, way *reached, closed bool) func(*KeyUse) *int {
	arrived, done := way.has(incident.OnScene), way.has(incident.Completed)
	m := way.at(key)
	switch key {
	case incident.OnScene:
		if !arrived && !done {
			return nil
		}
		return judgeArrival(m)
	case incident.EnRoute:
		if !arrived && !done {
			return nil
		}
	case incident.Completed:
		if !done && (!arrived || !closed) {
			return nil
		}
	}
	switch {
	case !m.known || m.evidence != byKey:
		return missing
	case m.weak:
		return contradicted
	}
	return pressed
}

func judgeArrival(m mark) func(*KeyUse) *int {
	switch {
	case m.verdict == conflict:
		return contradicted
	case !m.known || m.verdict == gpsOnly || m.verdict == 0 && m.evidence != byKey:
		return missing
	case m.evidence == byGeofence && float64(m.witnessAfterS) > LateKey.Seconds():
		return late
	}
	return pressed
}
