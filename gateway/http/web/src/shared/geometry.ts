// Distance and time of travel, as far as a page without a road network knows them.
import type { Incident, Point, Unit } from './types';

const earth = 6_371_008.8; // mean radius in metres (IUGG)
const rad = Math.PI / 180;

// metres is the great-circle distance between two points.
export function metres(a: Point, b: Point): number {
  const s = Math.sin(((b.lat - a.lat) * rad) / 2) ** 2
    + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2;
  return 2 * earth * Math.asin(Math.min(1, Math.sqrt(s)));
}

// Roads are longer than the straight line, and nobody drives at the limit: the
// estimate of the time of travel says "about" wherever it is shown.
const detour = 1.4;
const speedMPS = 40 / 3.6;

// travelS is about how many seconds a unit drives over so many metres of air line.
export function travelS(m: number): number {
  return (m * detour) / speedMPS;
}

export function distanceText(m: number): string {
  return m < 995 ? `${Math.round(m / 10) * 10} m` : `${(m / 1000).toFixed(m < 9950 ? 1 : 0)} km`;
}

export interface Candidate { unit: Unit; free: boolean; metres: number | null }

// candidates are the units that could be sent to a place: free ones first, the
// nearest first, those without a position last.
export function candidates(units: Iterable<Unit>, to: Point | undefined): Candidate[] {
  const out: Candidate[] = [];
  for (const u of units) {
    const g = u.geometry;
    out.push({
      unit: u, free: u.properties.incident === '' && u.properties.status !== 'out_of_service',
      metres: g && to ? metres({ lat: g.coordinates[1], lon: g.coordinates[0] }, to) : null,
    });
  }
  const far = (c: Candidate): number => c.metres ?? Infinity;
  return out.sort((a, b) => Number(b.free) - Number(a.free) || (far(a) === far(b) ? 0 : far(a) - far(b))
    || a.unit.properties.call_sign.localeCompare(b.unit.properties.call_sign));
}

// vague tells that an incident may lie outside the circle in which arrivals are judged.
export function vague(i: Incident, radiusM = 100): boolean {
  return (i.location?.uncertainty_m ?? 0) > (i.location?.radius_m || radiusM);
}

// ring is a circle of so many metres as a closed line.
export function ring(at: Point, m: number, corners = 48): [number, number][] {
  return Array.from({ length: corners + 1 }, (_, i) => {
    const a = (i / corners) * 2 * Math.PI;
    return [at.lon + (m * Math.cos(a)) / (111_320 * Math.cos(at.lat * rad)), at.lat + (m * Math.sin(a)) / 110_574];
  });
}
