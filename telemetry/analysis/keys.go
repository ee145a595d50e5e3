package analysis

import (
	"maps"
	"math"
	"slices"
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

// expectedKeys are those whose discipline is counted.
var expectedKeys = [3]incident.MilestoneName{incident.EnRoute, incident.OnScene, incident.Completed}

// KeyMethod says how keys are judged, as every report prints it.
const KeyMethod = "expected: en_route and on_scene of every arrival or completed work, completed of every arrival whose work is done or whose incident is closed; " +
	"late: the on_scene key came more than 2 min after the fixes proved the arrival; missing: known by geofence or dispatcher only, or not at all; " +
	"contradicted: pressed far from the scene, or completed before arrival"

// KeyDiscipline tells for every unit how its keys were used, by unit and key.
func (r *Record) KeyDiscipline() ([]KeyUse, error) {
	uses := keyUses{}
	err := r.each(uses.count)
	return uses.list(), err
}

// keyUses gathers them, by unit.
type keyUses map[string]*unitKeys

// unitKeys are those of one unit, in order of the expected keys.
type unitKeys struct {
	uses  [3]KeyUse
	since int64 // the call of which the agency is; the first call's counts
}

func (k keyUses) of(unit, agency string, call int64) *unitKeys {
	u := k[unit]
	if u == nil {
		u = &unitKeys{since: math.MaxInt64}
		k[unit] = u
	}
	if call < u.since || call == u.since && agency < u.uses[0].Agency {
		u.since = call
		for i, key := range expectedKeys {
			u.uses[i].Unit, u.uses[i].Agency, u.uses[i].Key = unit, agency, key
		}
	}
	return u
}

// count judges the keys of one incident.
func (k keyUses) count(c *call) {
	closed := c.reached.has(stageClosed)
	for i := range c.parts {
		p := &c.parts[i]
		var u *unitKeys
		for place, key := range expectedKeys {
			count := judgeKey(key, &p.reached, closed)
			if count == nil {
				continue
			}
			if u == nil {
				u = k.of(p.unit, p.agency, c.at.UnixNano())
			}
			u.uses[place].Expected++
			*count(&u.uses[place])++
		}
	}
}

func (k keyUses) merge(other keyUses) {
	for unit, o := range other {
		u := k.of(unit, o.uses[0].Agency, o.since)
		for i, use := range o.uses {
			u.uses[i].Expected += use.Expected
			u.uses[i].Pressed += use.Pressed
			u.uses[i].Late += use.Late
			u.uses[i].Missing += use.Missing
			u.uses[i].Contradicted += use.Contradicted
		}
	}
}

func (k keyUses) list() []KeyUse {
	out := make([]KeyUse, 0, len(expectedKeys)*len(k))
	for _, unit := range slices.Sorted(maps.Keys(k)) {
		for _, use := range k[unit].uses {
			if use.Expected > 0 {
				out = append(out, use)
			}
		}
	}
	return out
}

func pressed(u *KeyUse) *int      { return &u.Pressed }
func late(u *KeyUse) *int         { return &u.Late }
func missing(u *KeyUse) *int      { return &u.Missing }
func contradicted(u *KeyUse) *int { return &u.Contradicted }

// judgeKey tells which count of its use goes up, nil where the key is not
// expected.
func judgeKey(key incident.MilestoneName, way *reached, closed bool) func(*KeyUse) *int {
	arrived, done := way.has(stageOnScene), way.has(stageCompleted)
	var m *mark
	switch key {
	case incident.OnScene:
		if !arrived && !done {
			return nil
		}
		return judgeArrival(&way[stageOnScene])
	case incident.EnRoute:
		m = &way[stageEnRoute]
		if !arrived && !done {
			return nil
		}
	case incident.Completed:
		m = &way[stageCompleted]
		if !done && (!arrived || !closed) {
			return nil
		}
	}
	switch {
	case m == nil || !m.known || m.evidence != byKey:
		return missing
	case m.weak:
		return contradicted
	}
	return pressed
}

func judgeArrival(m *mark) func(*KeyUse) *int {
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
