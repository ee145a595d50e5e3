import { expect, test } from 'vitest';
import { Acknowledged, alarmsOf } from './alarms';
import type { Clock, Incident, Unit } from './types';

const clock = (state: Clock['state'], more: Partial<Clock> = {}): Clock =>
  ({ clock: 'monitoring', state, started_at: '2026-11-24T00:00:00Z', due_at: '2026-11-24T00:10:00Z', remaining_s: 0, ...more });
const incident = (id: string, more: Partial<Incident>): Incident =>
  ({ id, number: `20261124-${id}`, category: 'fire', status: 'dispatched', received_at: '2026-11-24T00:00:00Z', units: [], milestones: [], clocks: [], as_of: 1, ...more });
const says = (c: Clock): Clock['state'] => c.state;

test('the most pressing alarm stands first', () => {
  const list = alarmsOf([
    incident('1', { clocks: [clock('warning')] }),
    incident('2', { status: 'received' }),
    incident('3', { clocks: [clock('breached')] }),
    incident('4', { alerts: [{ kind: 'parked_no_key', at: '2026-11-24T00:05:00Z', report: 'r', text: '' }] }),
  ], [{ id: 'u', geometry: null, properties: { emergency: true, status_at: '2026-11-24T00:01:00Z', incident: '' } } as unknown as Unit], says);
  expect(list.map((a) => a.kind)).toEqual(['emergency', 'breached', 'new', 'warning', 'alert']);
});

test('what is stopped or closed alarms nobody', () => {
  expect(alarmsOf([
    incident('1', { clocks: [clock('breached', { stopped_at: '2026-11-24T00:20:00Z' })] }),
    incident('2', { status: 'closed', clocks: [clock('breached')] }),
  ], [], says)).toEqual([]);
});

test('an acknowledged warning alarms again when it is breached, and when the clock runs anew', () => {
  const kept = new Map<string, string>();
  const seen = new Acknowledged({ getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => { kept.set(k, v); } });
  const list = (state: Clock['state'], started = '2026-11-24T00:00:00Z'): ReturnType<typeof alarmsOf> =>
    seen.open(alarmsOf([incident('1', { clocks: [clock(state, { started_at: started })] })], [], says));
  seen.add(...list('warning').map((a) => a.key));
  expect(list('warning')).toEqual([]);
  expect(list('breached')).toHaveLength(1);
  expect(list('warning', '2026-11-24T00:30:00Z')).toHaveLength(1);
  expect(new Acknowledged({ getItem: (k) => kept.get(k) ?? null, setItem: () => undefined }).open(alarmsOf([incident('1', { clocks: [clock('warning')] })], [], says))).toEqual([]);
});
