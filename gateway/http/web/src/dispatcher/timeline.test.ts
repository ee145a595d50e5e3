import { expect, test } from 'vitest';
import type { Incident } from '../shared/types';
import { rows } from './timeline';

test('everything that happened stands in one order, and neither a note nor a dispatch is also a review', () => {
  const i = {
    milestones: [
      { milestone: 'on_scene', unit: 'u', at: '2026-11-24T00:09:00Z', evidence: 'key', report: 'r2', confidence: 1 },
      { milestone: 'dispatched', unit: 'u', at: '2026-11-24T00:01:00Z', evidence: 'dispatcher', report: 'a2', confidence: 1 },
      { milestone: 'received', at: '2026-11-24T00:00:00Z', evidence: 'dispatcher', report: 'a1', confidence: 1 },
    ],
    notes: [{ at: '2026-11-24T00:05:00Z', by: 'local', text: 'x' }],
    reviews: ['2026-11-24T00:01:00Z', '2026-11-24T00:05:00Z', '2026-11-24T00:12:00Z'],
    alerts: [{ kind: 'key_far_away', at: '2026-11-24T00:09:00Z', report: 'r2', text: '' }],
  } as unknown as Incident;
  expect(rows(i).map((r) => r.kind)).toEqual(['milestone', 'milestone', 'note', 'milestone', 'alert', 'review']);
});
