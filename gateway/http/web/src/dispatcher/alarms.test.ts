import { expect, test } from 'vitest';
import type { Alert, Clock, Incident, SOPAlarm } from '../shared/types';
import { Acknowledged, alarmsOf } from './alarms';

const began = '2026-11-24T00:00:00Z';
const clock = (state: Clock['state'], more: Partial<Clock> = {}): Clock =>
  ({ clock: 'monitoring', state, started_at: began, due_at: '2026-11-24T00:10:00Z', remaining_s: 0, ...more });
const incident = (id: string, more: Partial<Incident>): Incident =>
  ({ id, number: `20261124-${id}`, category: 'fire', status: 'dispatched', received_at: began, units: [], milestones: [], clocks: [], as_of: 1, ...more });
const alert = (kind: string, more: Partial<Alert> = {}): Alert => ({ id: kind, kind, at: '2026-11-24T00:05:00Z', report: 'r', text: '', ...more });
const raised = (more: Partial<SOPAlarm> = {}): SOPAlarm =>
  ({ id: 'w', kind: 'breach', state: 'raised', incident: '1', clock: 'monitoring', started_at: '2026-11-24T00:00:00.000Z', due_at: '2026-11-24T00:10:00Z', text: 'lewat', text_en: 'late', ...more });
const says = (c: Clock): Clock['state'] => c.state;

test('the most pressing alarm stands first', () => {
  const list = alarmsOf([
    incident('1', { clocks: [clock('warning')] }),
    incident('2', { status: 'received' }),
    incident('3', { clocks: [clock('breached')] }),
  ], [alert('parked_no_key', { incident: '1' }), alert('emergency', { unit: 'u' })], says);
  expect(list.map((a) => a.kind)).toEqual(['emergency', 'breached', 'new', 'warning', 'alert']);
});

test('what is stopped or closed alarms nobody, but for an emergency', () => {
  const closed = incident('2', { status: 'closed', clocks: [clock('breached')], alarms: [raised()] });
  expect(alarmsOf([incident('1', { clocks: [clock('breached', { stopped_at: '2026-11-24T00:20:00Z' })] }), closed], [alert('parked_no_key', { incident: '2' })], says)).toEqual([]);
  expect(alarmsOf([closed], [alert('emergency', { incident: '2' })], says)).toHaveLength(1);
  expect(alarmsOf([closed], [alert('emergency', { incident: '2', acked_at: began })], says)).toEqual([]);
});

test('what another desk has seen is open at none, and one clock alarms once', () => {
  const of = (a: SOPAlarm, c = clock('breached')): ReturnType<typeof alarmsOf> => alarmsOf([incident('1', { clocks: [c], alarms: [a] })], [], says);
  expect(of(raised())).toHaveLength(1);
  expect(of(raised({ seen_at: began }))).toEqual([]);
  expect(of(raised({ state: 'withdrawn' }), clock('met'))).toEqual([]);
  // What was late has come, and still nobody looked.
  expect(of(raised({ state: 'answered' }), clock('breached', { stopped_at: '2026-11-24T00:20:00Z' }))).toHaveLength(1);
  // A warning that became a breach is the breach alone.
  expect(of(raised({ kind: 'warning', state: 'breached' })).map((a) => a.kind)).toEqual(['breached']);
  expect(alarmsOf([incident('2', { status: 'received', reviews: [began] })], [], says)).toEqual([]);
});

test('an acknowledged warning alarms again when it is breached, and when the clock runs anew', () => {
  const kept = new Map<string, string>();
  const seen = new Acknowledged({ getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => { kept.set(k, v); } });
  const list = (state: Clock['state'], started = began): ReturnType<typeof alarmsOf> =>
    seen.open(alarmsOf([incident('1', { clocks: [clock(state, { started_at: started })] })], [], says));
  seen.add(...list('warning').map((a) => a.key));
  expect(list('warning')).toEqual([]);
  expect(list('breached')).toHaveLength(1);
  expect(list('warning', '2026-11-24T00:30:00Z')).toHaveLength(1);
  expect(new Acknowledged({ getItem: (k) => kept.get(k) ?? null, setItem: () => undefined }).open(alarmsOf([incident('1', { clocks: [clock('warning')] })], [], says))).toEqual([]);
});
