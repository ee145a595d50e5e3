package silence

import (
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// State names the reason for scripts.
type State string

// The reasons, from the gateway's side of the way to the device's.
const (
	NeverHeard  State = "never_heard"
	LinkDown    State = "link_down"
	ClockWrong  State = "clock_wrong"
	NoSatellite State = "no_satellites"
	NoPosition  State = "no_position"
	Blurred     State = "blurred"
	Offline     State = "offline"
	NotAllowed  State = "no_permission"
	PowerSaving State = "power_saving"
	Quiet       State = "quiet"
)

// Silence is why a unit's place is old or not to be relied on.
type Silence struct {
	State State `json:"state"`
	// Since is when it began as far as is known, UTC; zero when it never was
	// otherwise.
	Since time.Time `json:"since,omitzero"`
	Why   string    `json:"why"`
	WhyEn string    `json:"why_en"`
}

// Link is the link that heard the unit last, as it stands.
type Link struct {
	ID string
	// Up is false while nothing can come over it; Since is when that began and Why
	// its reason.
	Up    bool
	Since time.Time
	Why   string
}

// Stale tells whether a unit's place is older than the limit at a moment. It is the
// one definition that the page, the API and everything else use.
func Stale(u incident.UnitState, now time.Time, limit time.Duration) bool {
	return u.Fix == nil || now.Sub(u.FixAt) > limit
}

// Explain says why a unit is quiet at a moment, nil when its place is fresh. link is
// nil when the unit was never heard or its link is not configured any more.
func Explain(u incident.UnitState, link *Link, now time.Time, limit time.Duration) *Silence {
	fresh := func(at time.Time) bool { return !at.IsZero() && now.Sub(at) <= limit }
	say := func(state State, since time.Time, why, whyEn string) *Silence {
		return &Silence{State: state, Since: since, Why: why, WhyEn: whyEn}
	}
	stale := Stale(u, now, limit)
	switch {
	case !stale && fresh(u.BlurredAt) && !u.BlurredAt.Before(u.FixAt):
		return say(Blurred, u.BlurredAt, "posisi dikaburkan oleh pengirimnya, tidak bisa membuktikan kedatangan", "its sender makes the position coarse: it cannot prove an arrival")
	case !stale:
		return nil
	case u.HeardAt.IsZero():
		return say(NeverHeard, time.Time{}, "belum pernah terdengar sejak didaftarkan", "never heard since it was put on the roster")
	case link != nil && !link.Up:
		return say(LinkDown, link.Since, "tautan "+link.ID+" terputus: "+link.Why, "link "+link.ID+" is down: "+link.Why)
	case fresh(u.HeardAt):
		return heard(u, fresh, say)
	}
	if p := u.Presence; p != nil {
		if s := announced(p, u, say); s != nil {
			return s
		}
	}
	return say(Quiet, u.HeardAt, "tautan baik, tetapi perangkat diam: mati, di luar jangkauan, atau tidak dipakai", "the link is fine but the device is quiet: off, out of range or not used")
}

type sayer func(state State, since time.Time, why, whyEn string) *Silence

// heard explains a unit that is heard and whose place is old all the same.
func heard(u incident.UnitState, fresh func(time.Time) bool, say sayer) *Silence {
	switch {
	case fresh(u.AsideAt):
		return say(ClockWrong, u.AsideAt, "jam perangkat salah ("+string(u.Aside)+"), posisinya disimpan tetapi tidak dipakai", "the device's clock is wrong ("+string(u.Aside)+"): its positions are kept and not used")
	case fresh(u.NoLockAt):
		return say(NoSatellite, u.FixAt, "terdengar, tetapi penerima GPS tanpa satelit", "heard, but its receiver has no satellites")
	case u.Presence != nil && u.Presence.NoLocation:
		return say(NotAllowed, u.PresenceAt, "aplikasi di ponsel tidak diizinkan membaca posisi", "the app on the phone may not read the position")
	}
	return say(NoPosition, u.FixAt, "terdengar, tetapi tidak mengirim posisi", "heard, but it sends no position")
}

// announced explains a silence by what the device said before it.
func announced(p *devices.Presence, u incident.UnitState, say sayer) *Silence {
	switch {
	case p.Offline && !u.PresenceAt.Before(u.HeardAt):
		return say(Offline, u.PresenceAt, "ponsel atau simpul terputus dari jaringan", "the phone or node lost its connection")
	case p.NoLocation:
		return say(NotAllowed, u.PresenceAt, "aplikasi di ponsel tidak diizinkan membaca posisi", "the app on the phone may not read the position")
	case p.PowerSave:
		return say(PowerSaving, u.HeardAt, "ponsel dalam mode hemat daya", "the phone is in power saving mode")
	case p.MayHibernate || p.BatteryOptimised:
		return say(PowerSaving, u.HeardAt, "ponsel boleh menidurkan aplikasi: kecualikan dari penghemat baterai", "the phone may put the app to sleep: exempt it from battery saving")
	}
	return nil
}
