import type { State } from './state';
import type { Incident } from './types';

// standing is the worst that an incident's clocks say, "new" while nobody was sent.
export function standing(state: State, i: Incident): string {
  if (!state.isOpen(i)) return 'met';
  const running = state.running(i).map((c) => state.stateOf(c));
  if (running.includes('breached')) return 'breached';
  if (running.includes('warning')) return 'warning';
  return i.status === 'received' ? 'new' : 'running';
}
