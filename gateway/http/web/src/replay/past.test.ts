import { expect, test } from 'vitest';
import type { Incident, Milestone, Unit } from '../shared/types';
import { Past, readLines, type Line } from './past';

const at = (m: number): string => new Date(Date.UTC(2026, 10, 24, 3, 0) + m * 60_000).toISOString();
const ms = (m: number): number => Date.parse(at(m));
const milestone = (name: string, m: number, known: number, more: Partial<Milestone> = {}): Milestone =>
  ({ milestone: name, unit: 'd1', at: at(m), evidence: 'key', report: `r${m}`, confidence: 1, known_at: at(known), ...more });
const incident = (status: string, milestones: Milestone[]): Incident =>
  ({ id: 'i1', number: '20261124-001', category: 'fire', status, received_at: at(0), units: ['d1'], milestones, clocks: [], as_of: 0 });
const unit = (lon: number): Unit => ({
  id: 'd1', geometry: { type: 'Point', coordinates: [lon, -6.8] },
  properties: { id: 'd1', call_sign: 'DAMKAR 1', agency: 'Damkar', status: 'available', status_at: null, incident: '', incident_number: '', fix_at: at(0), fix_age_s: 0, stale: false, silence: null, heard_at: at(0), course_deg: null, speed_mps: null, accuracy_m: null, emergency: false, battery_pct: null, link: 'roof', as_of: 0 },
});
const sent = milestone('dispatched', 2, 2);
const byKey = milestone('on_scene', 12, 12);
const byGPS = milestone('on_scene', 9, 30, { evidence: 'geofence' });
const fix = (m: number, lon: number, known: number): Line =>
  ({ kind: 'moment', at: at(known), fixes: [{ unit: 'd1', time: at(m), known_at: at(known), lat: -6.8, lon, newest: m === known }] });
const lines: Line[] = [
  { kind: 'begin', at: at(1), to: at(40), step_s: 0, units: [unit(108.1)], incidents: [incident('received', [])], today: [incident('closed', [sent, byGPS])] },
  { kind: 'moment', at: at(2), incidents: [incident('dispatched', [sent])] },
  fix(5, 108.2, 5),
  { kind: 'moment', at: at(12), incidents: [incident('on_scene', [sent, byKey])] },
  fix(9, 108.3, 30),
  { kind: 'moment', at: at(30), incidents: [incident('on_scene', [sent, byGPS])] },
  { kind: 'later', at: at(40), fixes: [{ unit: 'd1', time: at(7), lat: -6.8, lon: 108.25, newest: false }] },
  { kind: 'end', at: at(40), complete: true },
];
function past(): Past {
  const p = new Past();
  for (const l of lines) p.take(l);
  return p;
}
const status = (p: Past): string => p.incidents.get('i1')!.status;
const lon = (p: Past): number => p.units.get('d1')!.geometry!.coordinates[0];

test('an instant shows what was known at it, forwards and backwards', () => {
  const p = past();
  expect([p.whole, p.now, status(p), lon(p)]).toEqual([true, ms(1), 'received', 108.1]);
  p.go(ms(20));
  expect([status(p), lon(p), p.incidents.get('i1')!.milestones.at(-1)!.evidence]).toEqual(['on_scene', 108.2, 'key']);
  p.go(ms(35));
  expect(p.incidents.get('i1')!.milestones.at(-1)!.evidence).toBe('geofence');
  p.go(ms(3));
  expect([status(p), lon(p)]).toEqual(['dispatched', 108.1]);
  p.go(ms(500));
  expect(p.now).toBe(ms(40));
});

test('what was learned later stands apart from what was known', () => {
  const p = past();
  p.go(ms(10));
  expect(p.later('i1').map((l) => [l.what, l.milestone.milestone])).toEqual([['new', 'on_scene']]);
  expect(p.way('d1')).toEqual({ points: [[108.2, -6.8]], late: [[108.25, -6.8], [108.3, -6.8]] });
  p.go(ms(20));
  expect(p.later('i1').map((l) => [l.what, l.was?.evidence])).toEqual([['moved', 'key']]);
  p.go(ms(35));
  expect(p.later('i1')).toEqual([]);
  expect(p.way('d1')).toEqual({ points: [[108.2, -6.8], [108.3, -6.8]], late: [[108.25, -6.8]] });
});

test('jumping goes from one happening to the next', () => {
  const p = past();
  expect(p.beside(1)).toBe(ms(2));
  p.go(ms(2));
  expect(p.beside(1)).toBe(ms(12));
  expect(p.beside(-1)).toBe(ms(1));
});

test('an answer that breaks off is not whole', () => {
  const p = new Past();
  for (const l of lines.slice(0, 4)) p.take(l);
  expect([p.whole, p.until]).toEqual([false, ms(12)]);
});

test('lines are put together from pieces', async () => {
  const text = new TextEncoder().encode(lines.map((l) => `${JSON.stringify(l)}\n`).join(''));
  const body = new ReadableStream<Uint8Array>({ start(c) { for (let i = 0; i < text.length; i += 7) c.enqueue(text.slice(i, i + 7)); c.close(); } });
  const got: Line[] = [];
  await readLines(body, (l) => got.push(l));
  expect(got).toEqual(lines);
});
