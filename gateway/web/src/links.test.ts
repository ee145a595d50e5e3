import { expect, test } from 'vitest';
import { advice, health } from './links';
import type { Link } from './types';

const link = (more: Partial<Link>): Link => ({ id: 'roof', kind: 'serial', state: 'up', since: '', frames: 0, errors: 0, reports: 0, duplicates: 0, last_heard: null, ...more });

test('a radio that is up and says nothing is quiet, a store is not', () => {
  expect(health(link({}), 10)).toBe('up');
  expect(health(link({}), 1000)).toBe('quiet');
  expect(health(link({ kind: 'store' }), null)).toBe('up');
  expect(health(link({ kind: 'edge' }), null)).toBe('up');
  expect(health(link({ state: 'down' }), 10)).toBe('down');
});

test('each trouble has an advice of its own', () => {
  expect(advice(link({ state: 'down', why: 'permission denied' }), 'down')).toContain('dialout');
  expect(advice(link({ state: 'illegible' }), 'down')).toContain('monitor');
  expect(new Set(['serial', 'tcp', 'mqtt', 'store', 'edge', 'centre', 'journal'].map((kind) => advice(link({ kind, state: 'down' }), 'down'))).size).toBe(7);
  expect(advice(link({}), 'up')).toBe('');
});
