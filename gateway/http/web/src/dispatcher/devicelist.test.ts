import { expect, test } from 'vitest';
import { counts, wanting } from './devicelist';

const device = (device: string, more: object = {}): Parameters<typeof counts>[0] =>
  ({ device, last_link: 'roof', received: 7, stored: 4, duplicates: 1, refused: 2, set_aside: 2, shed: 0, ...more });

test('what was refused last stands first, the rest by name', () => {
  const all = [device('b2'), device('b10'), device('a', { last_reason_at: '2026-11-24T00:00:00Z' }), device('c', { last_reason_at: '2026-11-24T00:00:01Z' })];
  expect(wanting(all, (d) => d.device).map((d) => d.device)).toEqual(['c', 'a', 'b2', 'b10']);
});

test('every frame is accounted for', () => {
  expect(counts(device('a'))).toBe('7 bingkai · 4 diterima · 1 ganda · 2 ditolak (2 disisihkan)');
  expect(counts(device('a', { refused: 3, shed: 1 }))).toContain('3 ditolak (2 disisihkan, 1 dibuang)');
  expect(counts(device('a', { refused: 0, set_aside: 0 }))).toMatch(/0 ditolak$/);
});
