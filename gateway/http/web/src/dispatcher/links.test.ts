import { expect, test } from 'vitest';
import type { Link } from '../shared/types';
import { advice } from './links';

const link = (more: Partial<Link>): Link => ({ id: 'roof', kind: 'serial', state: 'up', since: '', frames: 0, errors: 0, reports: 0, duplicates: 0, last_heard: null, ...more });

test('each trouble has an advice of its own', () => {
  expect(advice(link({ state: 'down', why: 'permission denied' }), 'down')).toContain('dialout');
  expect(advice(link({ state: 'illegible' }), 'down')).toContain('monitor');
  expect(new Set(['serial', 'tcp', 'mqtt', 'store', 'edge', 'centre', 'journal'].map((kind) => advice(link({ kind, state: 'down' }), 'down'))).size).toBe(7);
  for (const how of ['up', 'idle'] as const) expect(advice(link({ kind: 'http' }), how)).toBe('');
  expect(advice(link({}), 'up')).toBe('');
});
