import { expect, test } from 'vitest';
import { candidates, distanceText, metres, ring, travelS, vague } from './geometry';
import type { Incident, Unit } from './types';

test('distances are great-circle distances', () => {
  // Majalengka to Kadipaten, from the packaged places, about 9.5 km apart.
  expect(metres({ lat: -6.8364, lon: 108.2274 }, { lat: -6.8364, lon: 108.2274 })).toBe(0);
  // One minute of latitude is one nautical mile, 1852 m, to a few metres.
  expect(Math.abs(metres({ lat: -6, lon: 108 }, { lat: -6 - 1 / 60, lon: 108 }) - 1853)).toBeLessThan(2);
});

test('distances are read at a glance', () => {
  expect(distanceText(123)).toBe('120 m');
  expect(distanceText(4321)).toBe('4.3 km');
  expect(distanceText(23_456)).toBe('23 km');
  expect(travelS(10_000)).toBeCloseTo(1260);
});

const unit = (id: string, at: [number, number] | null, incident = '', status = 'available'): Unit =>
  ({ id, geometry: at && { type: 'Point', coordinates: at }, properties: { call_sign: id, incident, status } } as Unit);

test('free units stand first, the nearest of them first, and one without position is not lost', () => {
  const list = candidates([
    unit('busy', [108.2, -6.8], 'i1'), unit('far', [108.4, -6.8]), unit('near', [108.21, -6.8]), unit('nowhere', null),
    unit('off', [108.2, -6.8], '', 'out_of_service'),
  ], { lat: -6.8, lon: 108.2 });
  expect(list.map((c) => c.unit.id)).toEqual(['near', 'far', 'nowhere', 'busy', 'off']);
});

test('a ring is closed and as wide as it should be', () => {
  const r = ring({ lat: -6.8, lon: 108.2 }, 500);
  expect(r[0]).toEqual([r.at(-1)![0], expect.closeTo(r.at(-1)![1], 9)]);
  for (const [lon, lat] of r) expect(Math.abs(metres({ lat: -6.8, lon: 108.2 }, { lat, lon }) - 500)).toBeLessThan(5);
});

test('a place that may lie outside its circle is vague', () => {
  const at = (more: object): Incident => ({ location: { lat: -6.8, lon: 108.2, ...more } } as Incident);
  expect(vague(at({ uncertainty_m: 660 }))).toBe(true);
  for (const more of [{}, { uncertainty_m: 80 }, { uncertainty_m: 660, radius_m: 700 }]) expect(vague(at(more))).toBe(false);
  expect(vague({} as Incident)).toBe(false);
});
