import { distanceText, travelS, type Candidate } from './geometry';
import type { State } from './state';
import { duration } from './time';
import { both } from './words';

// nearness is how far a unit is, about how long it takes, and how old that is.
export function nearness(state: State, c: Candidate): string {
  if (c.metres === null) return both('tanpa posisi', 'no position');
  const p = c.unit.properties;
  const age = p.fix_at ? state.age(p.fix_at) : 0;
  return `${distanceText(c.metres)} · ≈${Math.max(1, Math.round(travelS(c.metres) / 60))} ${both('mnt', 'min')}${age > 120 ? ` · ${both('posisi', 'fix')} ${duration(age)} ${both('lalu', 'ago')}` : ''}`;
}
