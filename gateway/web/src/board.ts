import { byId, draw, el } from './dom';
import type { State } from './state';
import { duration } from './time';
import type { Clock, Incident } from './types';
import { current, say } from './words';

export function categoryName(state: State, key: string): string {
  const c = state.setup?.categories.find((x) => x.key === key);
  return c ? c[current()] : key;
}

const marks: Record<Clock['state'], string> = { running: '▸', warning: '▲', breached: '■', met: '✓' };

// clockBar is one SOP clock: colour and shape say how it stands.
export function clockBar(state: State, c: Clock): HTMLElement {
  const how = state.stateOf(c);
  const left = state.left(c);
  const limit = (Date.parse(c.due_at) - Date.parse(c.started_at)) / 1000;
  const used = Math.min(100, Math.max(0, 100 * (1 - left / limit)));
  const bar = el('progress', { max: '100', value: String(used), 'aria-hidden': 'true' });
  return el('div', { class: `clock ${how}` },
    el('span', { class: 'mark' }, marks[how]),
    el('span', { class: 'name' }, say(c.clock) + (c.unit ? ` · ${state.callSign(c.unit)}` : '')),
    bar,
    el('span', { class: 'left' }, duration(left)));
}

function card(state: State, i: Incident): HTMLElement {
  const running = i.clocks.filter((c) => !c.stopped_at).sort((a, b) => state.left(a) - state.left(b));
  const worst = running[0] ? state.stateOf(running[0]) : 'met';
  return el('button', {
    class: `card ${worst}${state.selected === i.id ? ' selected' : ''}`, 'data-incident': i.id, type: 'button',
  },
  el('div', { class: 'head' },
    el('strong', {}, categoryName(state, i.category)),
    el('span', { class: 'number' }, i.number.slice(-3)),
    el('span', { class: 'status' }, say(i.status))),
  el('div', { class: 'where' }, i.address || i.district || '—'),
  el('div', { class: 'who' }, i.units.map((u) => state.callSign(u)).join(' · ') || '—'),
  ...running.slice(0, 3).map((c) => clockBar(state, c)),
  i.alerts?.length ? el('div', { class: 'alert' }, `⚠ ${i.alerts[i.alerts.length - 1]!.text}`) : null);
}

export function drawBoard(state: State, create: () => void): void {
  const open = state.board();
  const closed = [...state.incidents.values()].filter((i) => !state.isOpen(i)).slice(0, 10);
  const board = byId('board');
  // One listener for all cards: a card is used again for whatever incident comes
  // to stand in its place.
  board.onclick = (e) => {
    const id = (e.target as Element).closest('[data-incident]')?.getAttribute('data-incident');
    if (id) {
      state.selected = id;
      state.changed();
    }
  };
  draw(board,
    el('div', { class: 'title' },
      el('h2', {}, `${say('incidents')} (${open.length})`),
      el('button', { class: 'primary', type: 'button', id: 'new', click: create }, `+ ${say('newIncident')} (N)`)),
    ...(open.length ? open.map((i) => card(state, i)) : [el('p', {}, say('none'))]),
    el('h2', {}, say('closed')),
    ...closed.map((i) => card(state, i)));
}
