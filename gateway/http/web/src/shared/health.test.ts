import { expect, test } from 'vitest';
import { health } from './health';
import type { Link } from './types';

const link = (more: Partial<Link>): Link => ({ id: 'roof', kind: 'serial', state: 'up', since: '', frames: 0, errors: 0, reports: 0, duplicates: 0, last_heard: null, ...more });

const since = '2026-11-24T00:00:00Z';
const after = (s: number): number => Date.parse(since) + s * 1000;

test('a radio that is up and says nothing is quiet; who sends or stores is not', () => {
  expect(health(link({ since }), after(10))).toBe('up');
  expect(health(link({ since }), after(1000))).toBe('quiet');
  expect(health(link({ since, last_heard: '2026-11-24T00:10:00Z' }), after(1000))).toBe('up');
  for (const kind of ['store', 'publish', 'webhook', 'cot', 'folder', 'edge', 'centre', 'journal']) expect(health(link({ kind, since }), after(1e6))).toBe('up');
  expect(health(link({ state: 'down', since }), after(10))).toBe('down');
});

test('a way of phones that nobody uses is no trouble until somebody did', () => {
  for (const kind of ['mqtt', 'broker', 'http']) {
    expect(health(link({ kind, since }), after(1e6))).toBe('idle');
    expect(health(link({ kind, since, last_heard: since }), after(1e6))).toBe('quiet');
  }
});
