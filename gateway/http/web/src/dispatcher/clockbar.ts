import { el } from '../shared/dom';
import type { State } from '../shared/state';
import { duration } from '../shared/time';
import type { Clock } from '../shared/types';
import { both, say } from '../shared/words';

// Every state has a shape of its own beside its colour.
export const shapes: Record<string, string> = {
  running: '▸', warning: '▲', breached: '■', met: '✓', contradictory: '≠', new: '◆', emergency: '✱', alert: '!',
};

// clockBar is one SOP clock: how much of its limit is used, and the time left.
export function clockBar(state: State, c: Clock): HTMLElement {
  const how = state.stateOf(c);
  const left = state.left(c);
  const limit = (Date.parse(c.due_at) - Date.parse(c.started_at)) / 1000;
  const used = Math.min(100, Math.max(0, 100 * (1 - left / limit)));
  const rest = how === 'contradictory' ? both('berhenti sebelum mulai', 'stopped before it started') : left < 0 ? both(`lewat ${duration(-left)}`, `${duration(-left)} over`) : both(`sisa ${duration(left)}`, `${duration(left)} left`);
  const bar = el('span', { class: 'bar', 'aria-hidden': 'true' }, el('span', { class: 'fill', style: `width:${used.toFixed(0)}%` }));
  return el('span', { class: `clock ${how}`, 'data-key': `${c.clock} ${c.unit ?? ''}`, title: `${say(c.clock)}: ${duration(limit)} · ${say(how)} · ${rest}` },
    el('span', { class: 'mark', 'aria-hidden': 'true' }, shapes[how]!),
    el('span', { class: 'name' }, say(c.clock), c.unit ? el('b', {}, ` ${state.callSign(c.unit)}`) : null),
    bar,
    el('span', { class: 'left' }, how === 'contradictory' ? '–' : duration(left)));
}
