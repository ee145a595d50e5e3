package tetra

import (
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/geo"
)

// PDU types of the location information protocol (TS 100 392-18-1 clause 6).
const (
	lipShort    = 0
	lipExtended = 1
	lipExtLong  = 3
	lipExtAck   = 4
)

// The reasons for sending that change what a report is (ETSI TS 100 392-18-1, 6.3.58).
const (
	reasonPowerOn   = 0
	reasonEmergency = 2
)

// How long ago a position was taken, as a report tells it.
const elapsedHalfHour = 2

// location reads a LIP message.
func location(b bitReader, r *devices.Report) error {
	r.Kind = devices.KindPosition
	switch kind := b.take(2); kind {
	case lipShort:
		return shortReport(&b, r)
	case lipExtended:
		switch b.take(4) {
		case lipExtLong:
			return longReport(&b, r)
		case lipExtAck:
			r.Kind = devices.KindAck
		default:
			// Requests and settings: no position is meant to be here.
			r.Kind = devices.KindOther
		}
		if b.short {
			return fmt.Errorf("%w: location cut off", ErrLength)
		}
		return nil
	default:
		return fmt.Errorf("%w: location PDU of type %d", ErrGrammar, kind)
	}
}

// shortReport reads what follows the type: time elapsed, longitude before
// latitude, position error, speed, direction, and the reason for sending or a
// user's byte.
func shortReport(b *bitReader, r *devices.Report) error {
	elapsed := b.take(2)
	point := coordinates(b)
	fix := geo.Fix{Point: point, NoLock: elapsed == elapsedHalfHour}
	fix.AccuracyM = positionError(b.take(3))
	speed, direction := b.take(7), b.take(4)
	fix.SpeedMPS = lipSpeed(speed)
	if speed != speedUnknown || direction != 15 {
		fix.CourseDeg = geo.Measured(float64(direction) * 22.5)
	}
	reasonFollows := b.take(1) == 0
	reason := b.take(8)
	if b.short {
		return fmt.Errorf("%w: short location report cut off", ErrLength)
	}
	r.Emergency = reasonFollows && reason == reasonEmergency
	r.PowerOn = reasonFollows && reason == reasonPowerOn
	return settle(fix, r)
}

// longReport reads what follows the extension: time, shape, velocity, whether an
// acknowledgement is wanted, and the reason for sending. A captured report ends a
// bit early, so only the position must be whole; where the end does not fit, the
// velocity before it is not believed.
func longReport(b *bitReader, r *devices.Report) error {
	var fix geo.Fix
	switch b.take(2) {
	case 1:
		fix.NoLock = b.take(2) == elapsedHalfHour
	case 2:
		day, hour, minute, second := b.take(5), b.take(5), b.take(6), b.take(6)
		fix.Time = dated(int(day), int(hour), int(minute), int(second), r.ReceivedAt)
	case 3:
		return fmt.Errorf("%w: location time of type 3", ErrGrammar)
	}
	shaped, err := shape(b, &fix)
	if err != nil {
		return err
	}
	if b.short {
		return fmt.Errorf("%w: long location report cut off", ErrLength)
	}
	velocity(b, &fix)
	b.skip(1)
	reasonFollows := b.take(1) == 0
	reason := b.take(8)
	if b.short {
		fix.SpeedMPS, fix.CourseDeg = geo.Reading{}, geo.Reading{}
	}
	r.Emergency = !b.short && reasonFollows && reason == reasonEmergency
	r.PowerOn = !b.short && reasonFollows && reason == reasonPowerOn
	if !fix.Time.IsZero() {
		r.DeviceTime, r.ClockNote = fix.Time, "month_from_receipt"
	}
	if !shaped {
		r.Kind = devices.KindOther
		if r.Emergency {
			r.Kind = devices.KindStatus
		}
		return nil
	}
	return settle(fix, r)
}

// settle keeps the fix if the point can be used. Longitude and latitude zero mean
// that the set has none; an emergency must be heard all the same.
func settle(fix geo.Fix, r *devices.Report) error {
	err := geo.CheckPoint(fix.Point)
	switch {
	case err == nil:
		r.Fix = &fix
	case r.Emergency:
		r.Kind, err = devices.KindStatus, nil
	}
	return err
}

// coordinates are 25 bits of longitude and 24 of latitude, both signed.
func coordinates(b *bitReader) orb.Point {
	lon := float64(b.signed(25)) * 360 / (1 << 25)
	lat := float64(b.signed(24)) * 180 / (1 << 24)
	return orb.Point{lon, lat}
}

// shape reads the place: a point with a measure of how wrong it may be. An arc is
// no place to drive to, so it counts as none.
func shape(b *bitReader, fix *geo.Fix) (bool, error) {
	kind := b.take(4)
	switch kind {
	case 0:
		return false, nil
	case 9:
		b.skip(25 + 24 + 16 + 16 + 8 + 8 + 1)
		return false, nil
	}
	if kind > 10 {
		return false, fmt.Errorf("%w: location shape %d", ErrGrammar, kind)
	}
	fix.Point = coordinates(b)
	const angle, confidence, altitudeError = 8, 1, 3
	switch kind {
	case 2, 5, 7: // circle
		fix.AccuracyM = uncertainty(b.take(6))
	case 3, 6, 8: // ellipse: the longer half axis, then the shorter
		fix.AccuracyM = uncertainty(b.take(6))
		b.skip(6 + angle)
	case 10:
		fix.AccuracyM = positionError(b.take(3))
	}
	if kind >= 4 && kind <= 8 {
		fix.AltitudeM = altitude(b.take(12))
	}
	if kind == 7 || kind == 8 {
		b.skip(altitudeError)
	}
	if kind == 3 || kind == 6 || kind == 8 {
		b.skip(confidence)
	}
	return true, nil
}

// velocity reads speed and direction of whatever type. Of an uncertainty or a
// vertical speed nothing is kept.
func velocity(b *bitReader, fix *geo.Fix) {
	const uncertain, vertical = 3, 8
	kind := b.take(3)
	if kind == 0 {
		return
	}
	speed := b.take(7)
	if kind == 2 || kind == 4 || kind == 6 || kind == 7 {
		b.skip(uncertain)
	}
	if kind == 3 || kind == 4 || kind == 7 {
		b.skip(vertical)
	}
	if kind == 4 || kind == 7 {
		b.skip(uncertain)
	}
	direction, directed := uint32(0), false
	if kind >= 5 {
		direction, directed = b.take(8), true
	}
	if kind >= 6 {
		b.skip(uncertain)
	}
	fix.SpeedMPS = lipSpeed(speed)
	if directed && (speed != speedUnknown || direction != 255) {
		fix.CourseDeg = geo.Measured(float64(direction) * 360 / 256)
	}
}

const speedUnknown = 127

// lipSpeed is in m/s: km/h up to 28, then steps of 3.8 percent.
func lipSpeed(k uint32) geo.Reading {
	switch {
	case k == speedUnknown:
		return geo.Reading{}
	case k <= 28:
		return geo.Measured(float64(k) / 3.6)
	}
	return geo.Measured(16 * math.Pow(1.038, float64(k)-13) / 3.6)
}

// positionError is the radius, in metres, that a short report claims. Beyond
// 200 km nothing is claimed but a place on Earth; 7 says nothing.
func positionError(code uint32) geo.Reading {
	const anywhere = 20_000_000
	radius := [...]float64{2, 20, 200, 2_000, 20_000, 200_000, anywhere}
	if int(code) >= len(radius) {
		return geo.Reading{}
	}
	return geo.Measured(radius[code])
}

// uncertainty is the radius, in metres, of a long report; 63 says nothing.
func uncertainty(k uint32) geo.Reading {
	if k == 63 {
		return geo.Reading{}
	}
	return geo.Measured(2*math.Pow(1.2, float64(k)+5) - 4)
}

// altitude is in metres over the WGS 84 ellipsoid, which in Majalengka lies within
// some tens of metres of the sea: -200 to 1,000 in steps of one, to 2,450 of two,
// to 11,525 of 75. The first bit marks a reference of the site's own.
func altitude(v uint32) geo.Reading {
	k := float64(v & 0x7FF)
	switch {
	case v>>11 != 0 || k == 0 || k == 2047:
		return geo.Reading{}
	case k <= 1201:
		return geo.Measured(k - 201)
	case k <= 1926:
		return geo.Measured(1000 + 2*(k-1201))
	}
	return geo.Measured(2450 + 75*(k-1926))
}

// How far a report's time of position may be from its reception: terminals keep
// positions while they have no coverage, and clocks differ.
const (
	mostAge   = 24 * time.Hour
	mostAhead = 2 * time.Minute
)

// dated completes a day of the month and a time (UTC) by the month of reception,
// or the month before. The result is zero when that gives no time shortly before
// the reception, or when it is not known when the frame was heard.
func dated(day, hour, minute, second int, received time.Time) time.Time {
	if received.IsZero() || day == 0 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}
	}
	received = received.UTC()
	// A radio's clock may run ahead across the end of a month.
	latest := received.Add(mostAhead)
	for _, back := range []int{0, 1} {
		t := time.Date(latest.Year(), latest.Month()-time.Month(back), day, hour, minute, second, 0, time.UTC)
		if t.Day() == day && !t.After(latest) && received.Sub(t) <= mostAge {
			return t
		}
	}
	return time.Time{}
}
