// Where the phone is, as the browser tells it.
export interface Fix { lat: number; lon: number; accuracyM: number; speedMPS: number | null; courseDeg: number | null; atMs: number }

// freshMs is how old a fix may be to stand for a press.
export const freshMs = 15_000;

// A phone sends its place by itself when it moved this far or this long after the
// last time.
const movedM = 50;
const everyMs = 60_000;

// metres between two fixes; good for the short ways that are compared here
// (equirectangular, 6,371 km radius).
export function metres(a: Fix, b: Fix): number {
  const rad = Math.PI / 180;
  const x = (b.lon - a.lon) * rad * Math.cos(((a.lat + b.lat) / 2) * rad);
  return Math.hypot(x, (b.lat - a.lat) * rad) * 6_371_000;
}

// isDue tells whether a fix is worth sending after the last one sent. A blurred fix
// that moves within its own accuracy has not moved.
export function isDue(fix: Fix, last: Fix | null): boolean {
  if (!last || fix.atMs - last.atMs >= everyMs) return true;
  return metres(fix, last) > Math.max(movedM, fix.accuracyM);
}

// fields are those of a field report.
export function fields(f: Fix): Record<string, number> {
  const out: Record<string, number> = { lat: f.lat, lon: f.lon, accuracy_m: Math.round(f.accuracyM * 10) / 10 };
  if (f.speedMPS !== null) out['speed_mps'] = Math.round(f.speedMPS * 10) / 10;
  if (f.courseDeg !== null) out['course_deg'] = Math.round(f.courseDeg);
  return out;
}

type Tell = (f: Fix | null, why: string) => void;

const number = (n: number | null): number | null => (n === null || !Number.isFinite(n) ? null : n);

const found = (tell: Tell) => ({ coords: c, timestamp }: GeolocationPosition): void =>
  tell({ lat: c.latitude, lon: c.longitude, accuracyM: c.accuracy, speedMPS: number(c.speed), courseDeg: number(c.heading), atMs: timestamp }, '');

const lost = (tell: Tell) => (e: GeolocationPositionError): void =>
  tell(null, e.code === e.PERMISSION_DENIED ? 'Izin lokasi ditolak: izinkan di setelan peramban / Location is not allowed' : 'Belum ada posisi: keluar ke tempat terbuka / No position yet');

// watch follows the phone's place. tell gets each fix, or null with the reason in
// Indonesian and English.
export function watch(tell: Tell): void {
  if ('geolocation' in navigator) navigator.geolocation.watchPosition(found(tell), lost(tell), { enableHighAccuracy: true, maximumAge: 5000 });
  else tell(null, 'Peramban ini tidak memberi posisi / This browser gives no position');
}

// ask wants a fix of now: a phone that lies still may tell its watcher nothing.
export function ask(tell: Tell): void {
  if ('geolocation' in navigator) navigator.geolocation.getCurrentPosition(found(tell), lost(tell), { enableHighAccuracy: true, maximumAge: 0, timeout: 20_000 });
}
