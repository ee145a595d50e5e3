import { expect, test } from 'vitest';
import type { Unit } from '../shared/types';
import { fade, graticule, unitFeatures } from './features';

const now = Date.parse('2026-11-24T00:00:00Z');
const unit = (ageS: number, more: Partial<Unit['properties']> = {}): Unit => ({
  id: 'u', geometry: { type: 'Point', coordinates: [108.2, -6.8] },
  properties: { call_sign: 'DAMKAR 1', agency: 'Damkar', incident: '', emergency: false, fix_at: new Date(now - ageS * 1000).toISOString(), speed_mps: 10, course_deg: 90, ...more } as Unit['properties'],
});
const shown = (u: Unit, behind = false): Record<string, unknown> => unitFeatures([u], { nowMs: now, behind, selected: '', staleS: 300 }).features[0]!.properties!;

test('a marker pales with the age of its fix and never vanishes', () => {
  expect(fade(10)).toBe(1);
  expect(fade(600)).toBeLessThan(0.9);
  expect(fade(100_000)).toBe(0.4);
});

test('an old fix says its age and has no heading any more', () => {
  expect(shown(unit(5))).toMatchObject({ label: 'DAMKAR 1', icon: 'unit arrow #e5533d', turn: 90 });
  expect(shown(unit(400))).toMatchObject({ label: 'DAMKAR 1\n6:40 ⌛', icon: 'unit dot #e5533d' });
});

test('while the page is behind, every marker says its age', () => {
  expect(shown(unit(5), true)['label']).toBe('DAMKAR 1\n0:05');
});

test('an emergency has a shape of its own', () => {
  expect(shown(unit(5, { emergency: true }))).toMatchObject({ icon: 'unit alarm #e5533d', order: 0 });
});

test('the graticule has a line for each tenth of a degree', () => {
  expect(graticule([108.05, -7.15, 108.25, -6.85]).features.map((f) => f.properties!['label'])).toEqual(['108.1°', '108.2°', '−7.1°', '−7.0°', '−6.9°']);
});
