import { expect, test } from 'vitest';
import { clockTime, duration, fromLocalInput, GatewayClock, localInput } from './time';

test('durations are read at a glance', () => {
  expect(duration(0)).toBe('0:00');
  expect(duration(599.6)).toBe('10:00');
  expect(duration(-61)).toBe('−1:01');
  expect(duration(3661)).toBe('1:01:01');
});

test('times are shown in West Indonesia time', () => {
  expect(clockTime('2026-11-23T02:15:09Z')).toBe('09:15:09');
});

test('a fast clock runs fast between messages', () => {
  const clock = new GatewayClock();
  clock.set('2026-11-23T00:00:00Z', 20, 1000);
  expect(clock.ms(4000)).toBe(Date.parse('2026-11-23T00:01:00Z'));
});

test('a time typed in West Indonesia comes back as it was', () => {
  expect(localInput('2026-11-23T18:15:09Z')).toBe('2026-11-24T01:15:09');
  expect(fromLocalInput('2026-11-24T01:15:09').toISOString()).toBe('2026-11-23T18:15:09.000Z');
  expect(fromLocalInput('2026-11-24T01:15').toISOString()).toBe('2026-11-23T18:15:00.000Z');
});
