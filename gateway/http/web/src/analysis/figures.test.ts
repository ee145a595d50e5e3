import { expect, test } from 'vitest';
import { leftOut, parameters, period, readAsk, ticks, trendBy, usual, writeAsk, type Row } from './figures';

const now = Date.parse('2026-11-24T20:00:00Z'); // the 25th in Majalengka

test('days are those of the county', () => {
  expect(period({ ...usual, period: 'today' }, now)).toEqual({ from: '2026-11-25', to: '2026-11-25' });
  expect(period({ ...usual, period: '7' }, now)).toEqual({ from: '2026-11-19', to: '2026-11-25' });
});

test('a comparison is with the days just before, and never over time', () => {
  const a = { ...usual, period: '7' as const, compare: 'before' as const, district: 'Maja' };
  expect(parameters(a, now).toString()).toBe('by=category&from=2026-11-19&to=2026-11-25&district=Maja&compare_from=2026-11-12&compare_to=2026-11-18');
  expect(parameters(a, now, 'day').has('compare_from')).toBe(false);
  expect(parameters({ ...a, period: 'all' }, now).has('compare_from')).toBe(false);
});

test('the question survives the address', () => {
  const a = { ...usual, by: 'unit' as const, agency: 'Damkar & PMI', compare: 'year' as const };
  expect(readAsk(`?${writeAsk(a)}`)).toEqual(a);
  expect(writeAsk(usual)).toBe('');
  expect(readAsk('?by=mood').by).toBe('category');
});

test('trends are cut so that they can be read', () => {
  expect(trendBy({ ...usual, period: '7' }, now)).toBe('day');
  expect(trendBy({ ...usual, period: '90' }, now)).toBe('week');
  expect(trendBy({ ...usual, period: 'all' }, now)).toBe('month');
});

test('axes have few round marks', () => {
  expect(ticks(700)).toEqual([0, 300, 600]);
  expect(ticks(0.5)).toEqual([0]);
  for (const top of [3, 59, 610, 4000, 90_000, 5e6, 9e7]) expect(ticks(top).length).toBeLessThanOrEqual(6);
});

test('what is left out is counted over its reasons', () => {
  expect(leftOut({ left_out: { still_open: 2, no_end: 1 } } as unknown as Row)).toBe(3);
});
