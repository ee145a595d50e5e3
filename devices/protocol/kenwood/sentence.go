package kenwood

import (
	"fmt"
	"strings"

	"htgateway/devices"
	"htgateway/devices/protocol/nmea"
	"htgateway/geo"
)

// readSentence reads a $PK sentence; others go to package nmea.
func readSentence(line []byte, r *devices.Report) error {
	s, err := nmea.Split(line)
	if err != nil {
		return err
	}
	switch s.Name {
	case "PKLSH":
		return short(s, 2, r)
	case "PKNSH":
		return short(s, 1, r)
	case "PKLDS":
		return long(s, 2, r)
	case "PKNDS":
		return long(s, 1, r)
	case "PKLID":
		return keyOnly(s, 2, r)
	case "PKNID":
		return keyOnly(s, 1, r)
	}
	r.Protocol = devices.NMEA
	return nmea.Read(s, r)
}

// unitID reads who speaks from fleet and unit (FleetSync) or unit alone (NEXEDGE:
// U and 5 or 8 digits; dPMR: 9 digits without U).
func unitID(parts []string) (devices.Identity, error) {
	if len(parts) == 2 {
		if len(parts[0]) == 3 && len(parts[1]) == 4 && digits([]byte(parts[0]+parts[1])) {
			return devices.Identity("fleetsync:" + parts[0] + "-" + parts[1]), nil
		}
		return "", fmt.Errorf("%w: fleet %q unit %q", ErrGrammar, parts[0], parts[1])
	}
	unit, hasU := strings.CutPrefix(parts[0], "U")
	if !digits([]byte(unit)) || hasU && len(unit) != 5 && len(unit) != 8 || !hasU && len(unit) != 9 {
		return "", fmt.Errorf("%w: unit %q", ErrGrammar, parts[0])
	}
	return devices.Identity("nexedge:" + unit), nil
}

// fields takes n fields from the i-th on; they must be there.
func fields(s nmea.Sentence, i, n int) ([]string, error) {
	if len(s.Fields) < i+n {
		return nil, fmt.Errorf("%w: %s has %d fields", ErrGrammar, s.Name, len(s.Fields))
	}
	return s.Fields[i : i+n], nil
}

// short is $PKLSH and $PKNSH: lat, N|S, lon, E|W, hhmmss, validity, id. The time
// has no date, so it is no time.
func short(s nmea.Sentence, idFields int, r *devices.Report) error {
	r.Kind = devices.KindPosition
	parts, err := fields(s, 6, idFields)
	if err != nil {
		return err
	}
	if r.Device, err = unitID(parts); err != nil {
		return err
	}
	if _, err := nmea.Clock(s.Field(4), "010120"); err != nil {
		return err
	}
	r.Fix, err = position(s.Field(5), s.Field(0), s.Field(1), s.Field(2), s.Field(3))
	return err
}

// long is $PKLDS and $PKNDS: time, validity, lat, N|S, lon, E|W, knots, course,
// date, variation, E|W with version, id, status, extension.
func long(s nmea.Sentence, idFields int, r *devices.Report) error {
	r.Kind = devices.KindPosition
	parts, err := fields(s, 11, idFields+1)
	if err != nil {
		return err
	}
	if r.Device, err = unitID(parts[:idFields]); err != nil {
		return err
	}
	if r.StatusCode = parts[idFields]; r.StatusCode != "" && (!digits([]byte(r.StatusCode)) || len(r.StatusCode) > 3) {
		return fmt.Errorf("%w: status %q", ErrGrammar, r.StatusCode)
	}
	fix, err := position(s.Field(1), s.Field(2), s.Field(3), s.Field(4), s.Field(5))
	if err != nil {
		return err
	}
	at, err := nmea.Clock(s.Field(0), s.Field(8))
	if err != nil {
		return err
	}
	if fix == nil {
		// No place at all, but the key was pressed.
		r.Kind = devices.KindStatus
		return nil
	}
	if fix.SpeedMPS, err = nmea.Speed(s.Field(6)); err != nil {
		return err
	}
	if fix.CourseDeg, err = nmea.Course(s.Field(7)); err != nil {
		return err
	}
	fix.Time, r.DeviceTime, r.Fix = at, at, fix
	return nil
}

// keyOnly is $PKLID and $PKNID: version, id, status, extension.
func keyOnly(s nmea.Sentence, idFields int, r *devices.Report) error {
	r.Kind = devices.KindStatus
	parts, err := fields(s, 1, idFields+1)
	if err != nil {
		return err
	}
	if r.Device, err = unitID(parts[:idFields]); err != nil {
		return err
	}
	r.StatusCode = parts[idFields]
	if !digits([]byte(r.StatusCode)) || len(r.StatusCode) > 3 {
		return fmt.Errorf("%w: status %q", ErrGrammar, r.StatusCode)
	}
	return nil
}

// position reads coordinates by their validity: A is live; V repeats the last
// place or the maker's factory, so it is kept and marked; Z is no fix at all.
func position(validity, lat, ns, lon, ew string) (*geo.Fix, error) {
	switch validity {
	case "A", "V", "Z":
	default:
		return nil, fmt.Errorf("%w: validity %q", ErrGrammar, validity)
	}
	if validity != "A" && lat == "" && lon == "" {
		return nil, nil
	}
	p, err := nmea.Position(lat, ns, lon, ew)
	if err != nil {
		return nil, err
	}
	return &geo.Fix{Point: p, NoLock: validity != "A"}, nil
}
