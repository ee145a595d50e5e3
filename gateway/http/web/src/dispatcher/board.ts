import { agencyColour } from '../shared/agency';
import { el, type Child } from '../shared/dom';
import { standing } from '../shared/standing';
import type { State } from '../shared/state';
import { clockTime, duration } from '../shared/time';
import type { Incident } from '../shared/types';
import { both, current, say } from '../shared/words';
import { clockBar, shapes } from './clockbar';

export function categoryName(state: State, key: string): string {
  const c = state.setup?.categories.find((x) => x.key === key);
  return c ? c[current()] : key;
}

// categoryKey is the digit by which a category is chosen, shown wherever the
// category is, so that it is learned by looking.
function categoryKey(state: State, key: string): string {
  const n = state.setup?.categories.findIndex((x) => x.key === key) ?? -1;
  return n < 0 ? '–' : String((n + 1) % 10);
}

// teamChip is a unit as it stands on an incident.
export function teamChip(state: State, unit: string, incident: Incident): HTMLElement {
  const u = state.units.get(unit);
  const last = incident.milestones.filter((m) => m.unit === unit).sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).at(-1);
  const away = u && u.properties.incident !== incident.id;
  return el('span', { class: `chip${away ? ' away' : ''}`, 'data-key': unit, title: last ? `${say(last.milestone)} ${clockTime(last.at)}` : '' },
    el('span', { class: 'dot', style: `background:${agencyColour(u?.properties.agency ?? '')}` }), state.callSign(unit), el('span', { class: 'dim' }, last ? ` ${say(last.milestone)}` : ''));
}

function card(state: State, i: Incident): HTMLElement {
  const how = standing(state, i);
  const open = state.isOpen(i);
  const alert = i.alerts?.at(-1);
  const isSelected = state.selected.incident === i.id;
  return el('button', {
    class: `card ${how}${isSelected ? ' selected' : ''}${open ? '' : ' shut'}`, type: 'button',
    'data-key': i.id, 'aria-pressed': String(isSelected), click: () => state.select({ incident: i.id }),
  },
  el('span', { class: 'head' },
    el('span', { class: 'shape', 'aria-hidden': 'true' }, shapes[how]!),
    el('span', { class: 'digit', 'aria-hidden': 'true' }, categoryKey(state, i.category)),
    el('strong', {}, categoryName(state, i.category)),
    el('span', { class: 'number' }, i.number.slice(-3)),
    el('span', { class: 'age', title: both('sejak panggilan', 'since the call') }, open ? duration(state.age(i.received_at)) : clockTime(i.closed_at ?? i.received_at).slice(0, 5))),
  el('span', { class: 'where' }, el('span', { class: 'status' }, say(i.status)), ` ${i.address || i.district || '—'}`),
  open ? el('span', { class: 'who' }, ...(i.units.length ? i.units.map((u) => teamChip(state, u, i)) : [el('em', {}, both('belum ada tim dikirim', 'nobody sent yet'))])) : null,
  ...(open ? state.running(i).slice(0, isSelected ? 6 : 3).map((c) => clockBar(state, c)) : []),
  open && alert ? el('span', { class: 'alert' }, el('span', { 'aria-hidden': 'true' }, '⚠ '), `${say(alert.kind)}${alert.unit ? ` — ${state.callSign(alert.unit)}` : ''}`) : null);
}

// boardRows are the cards of the board, open ones first.
export function boardRows(state: State): Child[] {
  const open = state.board();
  const closed = [...state.incidents.values()].filter((i) => !state.isOpen(i))
    .sort((a, b) => Date.parse(b.closed_at ?? b.received_at) - Date.parse(a.closed_at ?? a.received_at)).slice(0, 20);
  return [
    ...(open.length ? open.map((i) => card(state, i)) : [el('p', { class: 'empty' }, both('Tidak ada insiden terbuka', 'No open incidents'))]),
    closed.length ? el('h2', { class: 'divider' }, both('Ditutup', 'Closed')) : null,
    ...closed.map((i) => card(state, i)),
  ];
}

// step moves the selection up or down the board.
export function step(state: State, by: number): void {
  const open = state.board();
  if (!open.length) return;
  const at = open.findIndex((i) => i.id === state.selected.incident);
  const to = at < 0 ? (by > 0 ? 0 : open.length - 1) : (at + by + open.length) % open.length;
  state.select({ incident: open[to]!.id });
  document.querySelector(`#rows [data-key="${open[to]!.id}"]`)?.scrollIntoView({ block: 'nearest' });
}
